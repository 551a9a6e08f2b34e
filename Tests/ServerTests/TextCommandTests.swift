import Commerce
import Foundation
import ServerTesting
import Testing

/// The built program on plain texts.
@Suite(.enabled(if: ServerProcess.binary != nil, Comment(rawValue: ServerProcess.absence)))
struct TextCommandTests {
  private func run(_ arguments: [String], cache: String? = nil) throws -> CommandRun {
    try CommandRun(arguments, environment: cache.map { ["LODE_CACHE": $0] } ?? [:])
  }

  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "lode-texts-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  @Test func aClassifierIsLearnedUsedAndMeasured() throws {
    try withFolder { folder in
      let rows = (0..<60).map { $0 % 2 == 0 ? "refund,\"退款\n在哪里 \($0)\"" : "ship,when does it ship \($0)" }
      let data = folder.appendingPathComponent("data.csv").path
      try ("label,text\n" + rows.joined(separator: "\n")).write(
        toFile: data, atomically: true, encoding: .utf8)
      let model = folder.appendingPathComponent("model").path
      let learned = try run(["text", "train", "classifier", "--data", data, "--out", model])
      #expect(learned.status == 0, "\(learned.errors)")
      let texts = folder.appendingPathComponent("texts.txt").path
      try "怎么退款\nship it\n".write(toFile: texts, atomically: true, encoding: .utf8)
      let answers = try run(["text", "classify", "--model", model, texts])
      #expect(
        answers.output.split(separator: "\n").map { $0.split(separator: "\t")[0] } == ["refund", "ship"])
      let measured = try run(["evaluate", "text", "classification", "--data", data, "--json"])
      let json = try JSONValue(json: Array(measured.output.utf8))
      #expect(json["models"]?.array?.first?["metrics"]?["accuracy"]?.number == 1)
    }
  }

  @Test func entitiesAreMeasuredOnMarkedTexts() throws {
    try withFolder { folder in
      let sentence = "买 O\n银 B-BRAND\n杏 I-BRAND\n手 O\n机 O\n\n好 O\n用 O\n\n"
      let file = folder.appendingPathComponent("marked.bio").path
      try String(repeating: sentence, count: 20).write(toFile: file, atomically: true, encoding: .utf8)
      let found = try run(
        ["evaluate", "text", "entities", "--train", file, "--gold", file, "--json"], cache: folder.path)
      let metrics = try JSONValue(json: Array(found.output.utf8))["models"]?.array?.first?["metrics"]
      #expect(metrics?["f1"]?.number == 1)
      #expect(metrics?["f1_BRAND"]?.number == 1)
    }
  }

  @Test func whatIsMissingSaysHowToGetIt() throws {
    try withFolder { folder in
      let words = try run(["text", "segment"], cache: folder.path)
      #expect(words.status == 2)
      #expect(words.errors.contains("lode text train"))
      let vectors = try run(["text", "embed"], cache: folder.path)
      #expect(vectors.status == 2)
      #expect(vectors.errors.contains("use-multilingual"))
      let file = try run(["text", "new-words", "nowhere.txt"])
      #expect(file.status == 2)
    }
  }

  @Test func nothingIsMeasuredOnNothing() throws {
    try withFolder { folder in
      let file = folder.appendingPathComponent("marked.bio").path
      try "买 O\n\n".write(toFile: file, atomically: true, encoding: .utf8)
      let empty = folder.appendingPathComponent("empty.bio").path
      try "".write(toFile: empty, atomically: true, encoding: .utf8)
      let answer = try run(
        ["evaluate", "text", "entities", "--train", file, "--gold", empty], cache: folder.path)
      #expect(answer.status == 2)
      #expect(answer.output.isEmpty)
      let model = try run(["text", "classify", "--model", file])
      #expect(model.status == 2)
      #expect(model.errors.contains("marked.bio"))
    }
  }

  @Test func aRowThatCannotBeReadIsNamed() throws {
    try withFolder { folder in
      let file = folder.appendingPathComponent("reviews.csv").path
      try "text,rating\ngood,5\nbad,eleven\n".write(toFile: file, atomically: true, encoding: .utf8)
      let answer = try run(["needs", "voice", "--reviews", file])
      #expect(answer.status == 2)
      #expect(answer.errors.contains("reviews.csv:3") && answer.errors.contains("eleven"))
    }
  }
}
