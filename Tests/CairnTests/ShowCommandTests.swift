import PlainText
import Foundation
import SpaceNotation
import StudyModel
import Testing

@Suite struct ShowCommandTests {
  @Test func `shows a study`() async throws {
    let text = try await StoreFixture.shared().output("show", "digits")
    for line in [
      "digits\n", "  objectives   maximize accuracy\n", "lr      log:1e-5..0.1\n",
      "opt     adam,sgd\n", "  constraints  layers * lr < 10\n", "  pruner       median\n",
      "  seed         7\n",
      "3 of 40 done: 2 complete, 1 pruned, 1 failed, 1 running, 1 waiting\n",
      "trial 0: accuracy 0.92\n", "lr=0.0005 layers=2 opt=adam amp=true\n",
      "command      python3 train.py '{args}' 'it'\\''s'\n",
    ] {
      #expect(text.contains(line), "\(line) in \(text)")
    }
  }

  @Test func `shows a trial with its attempts`() async throws {
    let store = try await StoreFixture.shared()
    let text = try store.output("show", "digits", "0")
    for part in [
      "trial 0 of digits: complete\n", "accuracy  0.92\n", "lr      0.0005\n",
      "note = \"a \\\"good\\\" one\"", "3 steps  ▁██  last 0.92, min 0.5, max 0.95\n",
      "took 1 min 15 s, CPU 2.5 s, memory 1 GiB\n", "by worker 1 on elm\n", "trials/1/0\n",
    ] {
      #expect(text.contains(part), "\(part) in \(text)")
    }
    let failed = try store.output("show", "digits", "2")
    #expect(failed.contains("failed: exit status 3\n"))
    #expect(failed.contains("| ValueError: no\n"))
    #expect(try store.output("show", "bounded", "0").contains("latency <= 20.0: broken\n"))
  }

  @Test func `the space of the JSON is a space file`() async throws {
    let store = try await StoreFixture.shared()
    let document = try object(store.output("show", "digits", "--format", "json"))
    let data = try JSONSerialization.data(withJSONObject: try #require(document["space"]))
    let space = try SpaceFile.parse(
      String(decoding: data, as: UTF8.self), file: "space.json", format: .json
    ).space
    #expect(
      Set(space.parameters.map(\.notation)) == [
        "lr=log:1e-5..0.1", "layers=1..8", "opt=adam,sgd", "amp=bool",
      ])
    #expect(space.constraints == ["layers * lr < 10"])
    #expect((document["trials"] as? [String: Int])?["total"] == 6)
    let best = try #require(document["best"] as? [[String: Any]])
    #expect(best.count == 1)
    #expect(best[0]["values"] as? [String: Double] == ["accuracy": 0.92])
    for study in ["front", "spare", "bounded", "odd 'name"] {
      _ = try object(store.output("show", study, "--format", "json"))
    }
  }

  @Test func `a trial as JSON`() async throws {
    let store = try await StoreFixture.shared()
    let document = try object(store.output("show", "digits", "2", "--format", "json"))
    #expect(document["state"] as? String == "failed")
    let attempts = try #require(document["attempts"] as? [[String: Any]])
    #expect(attempts[0]["reason"] as? String == "exit status 3")
    #expect(attempts[0]["last_lines"] as? String == "Traceback\nValueError: no")
    let nan = try object(store.output("show", "digits", "3", "--format", "json"))
    let metrics = try #require(nan["metrics"] as? [String: [String: Any]])
    #expect(metrics["accuracy"]?["steps"] as? Int == 3)
    #expect(metrics["accuracy"]?["max"] as? Double == 0.85)
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }
}
