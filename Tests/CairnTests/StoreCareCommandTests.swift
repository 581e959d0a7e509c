import Foundation
import Testing

@Suite struct StoreCareCommandTests {
  let workplace: Workplace

  init() throws {
    workplace = try Workplace()
    let made = try workplace.run("cairn create s -p lr=log:1e-5..1e-1 --sampler random")
    #expect(made.status == 0, "\(made.errors)")
    for number in 0..<3 {
      #expect(try workplace.run("cairn ask s").status == 0)
      #expect(try workplace.run("cairn report s \(number) loss=0.5 --step 1").status == 0)
      #expect(try workplace.run("cairn tell s \(number) 0.\(number + 1)").status == 0)
    }
  }

  private func files(_ directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(
      atPath: workplace.directory.appending(path: directory).path
    ).sorted()
  }

  @Test func `compact leaves two checkpoints, and everything is as it was`() throws {
    let listing = "cairn trials s --format csv; cairn metrics s --format csv"
    let before = try workplace.run(listing)
    let compact = try workplace.run("cairn compact")
    #expect(compact.status == 0, "\(compact.errors)")
    #expect(compact.output == "")
    #expect(compact.errors.contains("/.cairn: ") && compact.errors.contains(" KiB before, "))
    #expect(try files(".cairn/log") == ["00000002.log"])
    #expect(try files(".cairn/checkpoints").count == 2)
    #expect(try workplace.run(listing).output == before.output)
    #expect(try workplace.run("cairn ask s").status == 0)
    #expect(try workplace.run("cairn check").status == 0)
    #expect(try workplace.run("cairn compact --quiet").errors == "")
  }

  @Test func `stats shows files, and columns with their encodings`() throws {
    let early = try workplace.run("cairn stats --format tsv")
    #expect(early.output.hasPrefix("kind\tfiles\tbytes\nlog\t1\t"))
    #expect(early.output.contains("\ncheckpoint\t0\t0\n"))
    #expect(early.errors.contains("no checkpoint yet"))
    #expect(try workplace.run("cairn compact").status == 0)
    let files = try workplace.run("cairn stats --format tsv")
    #expect(files.output.contains("\ncheckpoint\t2\t"))
    #expect(files.errors.contains("1 study, 3 trials, 3 reports"))
    let columns = try workplace.run("cairn stats --columns --format tsv")
    #expect(columns.output.hasPrefix("study\tcolumn\tvalues\traw_bytes\tbytes\tratio\tencoding\n"))
    #expect(columns.output.contains("\ns\tparameter lr\t3\t24\t"))
    #expect(columns.output.contains("\ns\tloss: values\t3\t24\t"))
  }

  @Test func `repair makes a whole store of a damaged one, which stays as it is`() throws {
    let log = workplace.directory.appending(path: ".cairn/log/00000001.log")
    var bytes = [UInt8](try Data(contentsOf: log))
    bytes[bytes.count / 2 + 2300] ^= 1
    try Data(bytes).write(to: log)
    #expect(try workplace.run("cairn check").status == 1)
    let refused = try workplace.run("cairn compact")
    #expect(refused.status == 1)
    #expect(refused.errors.contains("is not sealed as long as it is"))
    #expect(refused.errors.contains("cairn repair --into DIRECTORY"))
    let repair = try workplace.run("cairn repair --into whole")
    #expect(repair.status == 0, "\(repair.errors)")
    #expect(repair.errors.contains("found: "))
    #expect(repair.errors.contains("whole: 1 study with 3 trials"))
    #expect(repair.errors.contains("/.cairn/trials whole/"))
    #expect(try [UInt8](Data(contentsOf: log)) == bytes)
    let check = try workplace.run("cairn check --store whole")
    #expect(check.status == 0, "\(check.output)")
    #expect(try workplace.run("cairn best s --store whole -o value").status == 0)
    // Nothing is written over.
    let again = try workplace.run("cairn repair --into whole")
    #expect(again.status == 1)
    #expect(again.errors.hasPrefix("error: "))
  }
}
