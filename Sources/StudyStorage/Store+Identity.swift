// What names a store and its moment.

extension Store {
  /// Which store this is, wherever it was moved.
  package var identity: StoreIdentity { format.identity }

  /// Microseconds of the machine's boot-time clock, by which leases are measured.
  package var bootMicroseconds: UInt64 { disk.bootMicroseconds() }
}
