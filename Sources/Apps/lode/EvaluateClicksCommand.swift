import ArgumentParser
import Commerce
import Foundation
import Learning
import Recommendation

/// `lode evaluate clicks`: measures models of clicks on a plain file of cases.
struct EvaluateClicks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clicks",
    abstract: "Measure models of clicks or purchases on a file of cases.",
    discussion: """
      The file is CSV with a header, one case per line: whether the customer clicked, and what was known before. Eight \
      tenths of the cases at random are learned from, a tenth decides when to stop and how to calibrate, a tenth is the \
      test. Fields are names unless they are said to be lists or numbers.
      """)

  @Option(help: "The file of cases.") var cases: String
  @Option(help: "The column that says whether it came true: 1 or 0, true or false.") var labelColumn =
    "clicked"
  @Option(help: "The columns of fields with a name each, separated by commas.") var fields: String
  @Option(help: "The columns with several names each, separated by blanks or bars.") var listFields = ""
  @Option(help: "The columns of numbers.") var numberFields = ""
  @Option(help: "The models, separated by commas, or all.") var models = "all"
  @Option(help: "Seeds models and the split.") var seed: UInt64 = 42
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let chosen = try Self.models(named: models)
    let parts = try split(try read())
    var rows: [Row] = []
    for model in chosen {
      FileHandle.standardError.write(Data("\(model.name)\n".utf8))
      let started = ContinuousClock.now
      let metrics = try await model.measure(parts.learning, parts.test, FitContext(seed: seed))
      let seconds = Double((ContinuousClock.now - started).components.seconds)
      rows.append(Row(name: model.name, metrics: metrics, seconds: seconds))
    }
    try show(rows, parts)
  }

  // MARK: Models

  private struct Model: Sendable {
    let name: String
    let measure: @Sendable (ClickDataset, ClickTable, FitContext) async throws -> [String: Double]

    init<Algorithm: Estimator>(_ name: String, _ algorithm: Algorithm)
    where Algorithm.Dataset == ClickDataset, Algorithm.Model: ClickModel {
      self.name = name
      measure = { data, test, context in try await algorithm.fit(data, context: context).evaluate(test) }
    }
  }

  private static let all = [
    Model("LogisticRegression", LogisticRegression()), Model("FactorizationMachine", FactorizationMachine()),
    Model("DeepFM", DeepFM()), Model("ClickBoosting", ClickBoosting()),
  ]

  private static func models(named text: String) throws -> [Model] {
    if text == "all" { return all }
    return try text.split(separator: ",").map { name in
      guard let found = all.first(where: { $0.name.lowercased() == name.lowercased() }) else {
        let known = all.map(\.name).joined(separator: ", ")
        throw ValidationError("There is no model '\(name)'; there are \(known).")
      }
      return found
    }
  }

  // MARK: Data

  private static func list(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }

  private func read() throws -> ClickTable {
    let (names, lists, numbers) = (Self.list(fields), Self.list(listFields), Self.list(numberFields))
    var table = ClickTable(fields: names + lists + numbers)
    try PlainTable.read(cases, required: [labelColumn] + table.fields, optional: []) { row in
      var values: [FieldValue] = []
      for (index, name) in table.fields.enumerated() {
        let text = row[index + 1]
        if text.isEmpty {
          values.append(.missing)
        } else if index < names.count {
          values.append(.category(text))
        } else if index < names.count + lists.count {
          values.append(.categories(text.split { $0 == " " || $0 == "|" }.map(String.init)))
        } else if let number = Double(text), number.isFinite {
          values.append(.number(number))
        } else {
          throw PlainTable.Problem(field: name, value: text, expected: "a number")
        }
      }
      try table.append(values, clicked: try label(row[0]))
    }
    return table
  }

  private func label(_ text: String) throws -> Bool {
    switch text.lowercased() {
    case "1", "true", "yes": true
    case "0", "false", "no": false
    default: throw PlainTable.Problem(field: labelColumn, value: text, expected: "1 or 0, true or false")
    }
  }

  private struct Parts {
    var learning: ClickDataset
    var test: ClickTable
  }

  /// Eight tenths, a tenth and a tenth of the cases, at random and the same for the same seed.
  private func split(_ table: ClickTable) throws -> Parts {
    guard table.count >= 10 else {
      throw ValidationError("\(cases): \(table.count) cases are too few; at least ten are needed.")
    }
    let folds = Splits.kFold(count: table.count, folds: 10, seed: seed)
    return Parts(
      learning: ClickDataset(
        training: table.selecting(folds[2...].flatMap(\.test).sorted()),
        validation: table.selecting(folds[1].test)),
      test: table.selecting(folds[0].test))
  }

  // MARK: Results

  private struct Row: Encodable {
    var name: String
    var metrics: [String: Double]
    var seconds: Double
  }

  private struct Output: Encodable {
    var models: [Row]
    var `protocol` = "8-1-1"
    var seed: UInt64
    var cases: [String: Int]
  }

  private func show(_ rows: [Row], _ parts: Parts) throws {
    let counts = [
      "training": parts.learning.training.count, "validation": parts.learning.validation?.count ?? 0,
      "test": parts.test.count,
    ]
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      let output = Output(models: rows, seed: seed, cases: counts)
      return FileHandle.standardOutput.write(try encoder.encode(output) + Data("\n".utf8))
    }
    Console.table(
      ["model", "AUC", "log loss", "Brier", "ECE", "seconds"],
      rows.map { row in
        [row.name]
          + ["auc", "log_loss", "brier", "ece"].map { String(format: "%.4f", row.metrics[$0] ?? .nan) }
          + [String(format: "%.0f", row.seconds)]
      })
    Console.note("\(parts.test.count) of \(counts.values.reduce(0, +)) cases are the test.")
  }
}
