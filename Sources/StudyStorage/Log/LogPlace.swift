// Where a log lies, and by which rules it is read and written.

/// What a log needs of the store around it.
struct LogPlace: Sendable {
  let files: LogFiles
  let store: StoreIdentity
  let lock: LockFile
  /// Both must be what they were for as long as anything is appended.
  let lockName: FileName
  let formatName: FileName
  let rule: RecoveryRule
  /// A log is rolled when it has become so large.
  let rollBytes: UInt64
  let checkpoints: Checkpoints

  var disk: any Disk { files.disk }
  var paths: StorePaths { files.paths }
}
