import PlainText
import ArgumentParser
import StudyModel
import StudyStorage
import Testing

@testable import cairn

struct RunOptionsTests {
  private let base = RunConfiguration(command: ["python3", "train.py"], workingDirectory: ".")

  @Test func `every option finds its place`() throws {
    let options = try RunOptions.parse([
      "-j", "4", "--cpus", "2", "--gpus", "1", "--memory", "4G", "--trial-timeout", "30m",
      "--retry", "2", "--max-failures", "5", "--grace", "10s", "--metric", "loss=loss=(.*)",
      "--metrics-from", "csv:{dir}/m.csv", "--template", "conf.yaml", "--timeout", "2h",
      "--durability", "strict", "--dry-run", "3", "--new", "--params-from-env",
    ])
    let configuration = try options.applied(to: base)
    #expect(configuration.command == base.command)
    #expect(configuration.jobs == 4)
    #expect(configuration.cpusPerTrial == 2)
    #expect(configuration.gpusPerTrial == 1)
    #expect(configuration.memoryLimit == 4 << 30)
    #expect(configuration.trialTimeoutSeconds == 1800)
    #expect(configuration.retries == 2)
    #expect(configuration.maximumFailures == 5)
    #expect(configuration.graceSeconds == 10)
    #expect(configuration.metricPatterns == ["loss=loss=(.*)"])
    #expect(configuration.metricSources == ["csv:{dir}/m.csv"])
    #expect(configuration.template == "conf.yaml")
    #expect(options.timeout == 7200)
    #expect(options.durability == .strict)
    #expect(options.dryRun == 3)
    #expect(options.new && options.paramsFromEnv)
  }

  @Test func `what is not given stays as it was remembered`() throws {
    var remembered = base
    remembered.jobs = 8
    remembered.retries = 3
    remembered.metricPatterns = ["a=b"]
    #expect(try RunOptions.parse([]).applied(to: remembered) == remembered)
    let changed = try RunOptions.parse(["--jobs", "2"]).applied(to: remembered)
    #expect(changed.jobs == 2)
    #expect(changed.retries == 3)
  }

  @Test(arguments: [
    ["--jobs", "0"], ["--memory", "much"], ["--timeout", "soon"], ["--durability", "eternal"],
    ["--grace", "5y"], ["--dry-run", "0"], ["--retry", "-1"],
  ])
  func `a wrong value is refused while parsing`(arguments: [String]) {
    #expect(throws: (any Error).self) { try RunOptions.parse(arguments) }
  }

  @Test(arguments: [
    (["--metric", "loss"], #"--metric loss='loss[=:] *(\S+)'"#),
    (["--metrics-from", "cvs:{dir}/m.csv"], "--metrics-from 'csv:{dir}/m.csv'"),
    (["--metrics-from", "tensorboard"], "--metrics-from 'tensorboard:{dir}'"),
  ])
  func `a wrong metric source comes with a right one`(
    arguments: [String], suggestion: String
  ) throws {
    let error = try #require(throws: Diagnostic.self) {
      try RunOptions.parse(arguments).applied(to: base)
    }
    #expect(error.suggestions == [suggestion])
    #expect(error.status == .usage)
  }

  @Test(arguments: [
    ("/home/me/work", "."), ("/home/me/work/train", "train"),
    ("/home/me/workshop", "/home/me/workshop"),
    ("/tmp", "/tmp"),
  ])
  func `a directory below the store's parent is remembered relatively`(
    directory: String, remembered: String
  ) {
    #expect(
      RunOptions.rememberedDirectory(directory, storeParent: "/home/me/work") == remembered)
  }
}
