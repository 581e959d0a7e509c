// What the tour's reader and its comparison do, before the README depends on them.

import Testing

@Suite struct TourTests {
  private static let document = """
    # Title

    ```sh
    not run
    ```
    ```python fit.py
    print(1)
    ```
    ```console
    $ one \\
        --more
    a
    b
    $ two
    ```
    end

    """

  @Test func `files and commands are found`() {
    let tour = Tour(document: Self.document)
    #expect(
      tour.parts == [
        .text(["# Title", "", "```sh", "not run", "```"]),
        .file(name: "fit.py", opening: "```python fit.py", lines: ["print(1)"]),
        .text([]),
        .session([
          Tour.Command(lines: ["one \\", "    --more"], output: ["a", "b"]),
          Tour.Command(lines: ["two"], output: []),
        ]),
        .text(["end", ""]),
      ])
  }

  @Test func `a document survives being read and written`() {
    #expect(Tour(document: Self.document).document == Self.document)
  }

  @Test(arguments: [
    (["a", "…", "z"], ["a", "b", "z"], true),
    (["a", "…", "z"], ["a", "z"], true),
    (["a", "…", "z"], ["a"], false),
    (["a", "…", "m", "…", "z"], ["a", "b", "m", "z"], true),
    (["a", "…", "m", "…", "z"], ["a", "b", "z"], false),
    (["…", "z"], ["a", "y"], false),
    (["a"], ["a", "b"], false),
    ([], [], true),
    ([], ["a"], false),
  ])
  func `an elision stands for any lines`(shown: [String], printed: [String], agrees: Bool) {
    #expect(Tour.Command(lines: [""], output: shown).agrees(with: printed) == agrees)
  }

  @Test(arguments: [
    ("trial 3  0.25  1.2 s", "trial 3 0.25   981 ms", true),
    ("started 2026-01-02 03:04:05.000001", "started 2027-11-12 13:14:15.5", true),
    ("peak 31.5 MiB", "peak 9 MiB", true),
    ("done in 1 min 3 s", "done in 59 s", true),
    ("trial 3  0.25", "trial 3  0.26", false),
    ("3 steps", "4 steps", false),
  ])
  func `times and sizes may differ, results may not`(a: String, b: String, agrees: Bool) {
    #expect((Tour.Command.normalized(a) == Tour.Command.normalized(b)) == agrees)
  }

  @Test func `recording keeps what the document leaves out`() {
    let command = Tour.Command(lines: [""], output: ["a", "…", "z"])
    #expect(command.recording(["1", "2", "3", "4"]) == ["1", "…", "4"])
    #expect(command.recording(["1", "2"]) == ["1", "2"])
    #expect(Tour.Command(lines: [""], output: ["a"]).recording(["1", "2"]) == ["1", "2"])
  }
}
