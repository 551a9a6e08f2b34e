import ArgumentParser
import Commerce
import Features
import Foundation
import Learning
import Needs

/// `lode evaluate needs`: measures needs on plain files of transactions and items.
struct EvaluateNeeds: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "needs",
    abstract: "Measure how well needs are foretold on the last 28 days of a file of purchases.",
    discussion: """
      Both files are CSV with a header. The transactions hold one order line a row; the items give each item's category. \
      Windows of 28 days are counted back from the last day of the file: the last is the test, the one before decides \
      settings, everything earlier trains.
      """)

  @OptionGroup var files: PurchaseFiles
  @Option(help: "Seeds samples, trees and confidence intervals.") var seed: UInt64 = 42
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let catalogue = try files.readItems()
    let frame = try files.readTransactions()
    note("\(frame.count) order lines, \(frame.customers.count) customers, \(catalogue.items.count) items")
    let features = FeatureSettings(calendar: try ShopCalendar(timeZone: files.timeZone))
    let mining = NeedMining(.init(features: features))
    let mined = try await mining.mine(
      NeedDataset(frame: frame, catalogue: catalogue),
      context: FitContext(seed: seed) { progress in
        guard progress.step % 25 == 0 else { return }
        note("step \(progress.step)\(progress.totalSteps.map { " of at most \($0)" } ?? "")")
      })
    // What serving costs: the needs of everyone, and of one customer with explanations.
    let predictor = NeedPredictor(model: mined.model, catalogue: catalogue)
    let last = frame.lastTimestamp ?? Timestamp(milliseconds: 0)
    var started = ContinuousClock.now
    let board = try NeedBoard(predictor: predictor, states: mined.states, asOf: last)
    let everyone = ContinuousClock.now - started
    started = .now
    let state = mined.states.max { $0.lines < $1.lines } ?? CustomerState()
    _ = try predictor.strengths(of: [state], asOf: last)
    let one = ContinuousClock.now - started
    started = .now
    _ = try predictor.needs(of: state, customerID: "any", asOf: last, limit: 20)
    let explained = ContinuousClock.now - started
    note("needs of all customers: \(everyone); of one: \(one); its 20 strongest explained: \(explained)")
    note(board.findings.en)
    try json ? printJSON(mined.evaluation) : printTable(mined.evaluation)
  }

  private func printTable(_ evaluation: NeedEvaluation) {
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(1, width - text.count))
    }
    func figure(_ row: NeedEvaluation.Row, _ name: String, _ digits: Int) -> String {
      let value = String(format: "%.\(digits)f", row.metrics[name] ?? .nan)
      guard let interval = row.intervals[name] else { return value }
      return value + String(format: " [%.\(digits)f, %.\(digits)f]", interval.lower, interval.upper)
    }
    print(evaluation.protocolDescription)
    print(
      padded("model", 48) + padded("NDCG@10", 24) + padded("AUC", 24) + padded("Brier", 28) + padded("ECE", 8)
        + "worst decile")
    for row in evaluation.table {
      print(
        padded(row.name, 48) + padded(figure(row, "ndcg@10", 4), 24) + padded(figure(row, "auc", 4), 24)
          + padded(figure(row, "brier", 5), 28) + padded(figure(row, "ece", 4), 8)
          + String(format: "%.4f", row.worstDecile))
    }
    let seconds = evaluation.seconds.sorted { $0.key < $1.key }.map {
      String(format: "%@ %.1f s", $0.key, $0.value)
    }
    print("\(evaluation.rounds) rounds; \(seconds.joined(separator: ", "))")
  }

  private func printJSON(_ evaluation: NeedEvaluation) throws {
    struct Output: Encodable {
      struct Model: Encodable {
        var name: String
        var metrics: [String: Double]
        var intervals: [String: [Double]]
        var calibration: [[String: Double]]
      }
      var models: [Model]
      var `protocol`: String
      var rounds: Int
      var seconds: [String: Double]
    }
    let output = Output(
      models: evaluation.table.map { row in
        Output.Model(
          name: row.name, metrics: row.metrics, intervals: row.intervals.mapValues { [$0.lower, $0.upper] },
          calibration: row.calibration.map {
            ["predicted": $0.meanPrediction, "observed": $0.observedRate, "count": Double($0.count)]
          })
      }, protocol: evaluation.protocolDescription, rounds: evaluation.rounds, seconds: evaluation.seconds)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    print(String(decoding: try encoder.encode(output), as: UTF8.self))
  }
}

/// Writes a line of progress to standard error.
private func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

/// Reads named columns of a CSV file with a header.
enum PlainTable {
  /// What is wrong with one field.
  struct Problem: Error {
    var field: String
    var value: String
    var expected: String
  }

  /// Hands each row's fields to `body`, required columns first; optional ones that are missing are empty.
  ///
  /// - Throws: `ValidationError` naming file, line, field and what was expected.
  static func read(
    _ path: String, required: [String], optional: [String], _ body: ([String]) throws -> Void
  ) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ValidationError("\(path): cannot be read.")
    }
    var (line, columns): (Int, [Int?]) = (0, [])
    try data.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
      var position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
      while position < bytes.count {
        line += 1
        let fields = try record(bytes, &position, path: path, line: line)
        if columns.isEmpty {
          columns = try (required + optional).map { name in
            let place = fields.firstIndex(of: name)
            guard place != nil || optional.contains(name) else {
              throw ValidationError(
                "\(path):1: there is no column '\(name)'; found \(fields.joined(separator: ", ")).")
            }
            return place
          }
          continue
        }
        if fields == [""] { continue }
        let row = columns.map { place in place.flatMap { $0 < fields.count ? fields[$0] : nil } ?? "" }
        for (index, name) in required.enumerated() where row[index].isEmpty && index < 1 {
          throw ValidationError("\(path):\(line): \(name) is empty; expected an id.")
        }
        do { try body(row) } catch let problem as Problem {
          throw ValidationError(
            "\(path):\(line): \(problem.field) is '\(problem.value)'; expected \(problem.expected).")
        }
      }
    }
  }

  /// The names of a file's columns.
  ///
  /// - Throws: `ValidationError` when it cannot be read.
  static func header(_ path: String) throws -> [String] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ValidationError("\(path): cannot be read.")
    }
    return try data.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
      var position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
      return try record(bytes, &position, path: path, line: 1)
    }
  }

  private static func record(
    _ bytes: UnsafeRawBufferPointer, _ position: inout Int, path: String, line: Int
  ) throws -> [String] {
    var fields: [String] = []
    while true {
      if position < bytes.count, bytes[position] == 34 {
        var text: [UInt8] = []
        position += 1
        while true {
          guard position < bytes.count else {
            throw ValidationError("\(path):\(line): a quotation mark is not closed.")
          }
          if bytes[position] != 34 {
            text.append(bytes[position])
            position += 1
          } else if position + 1 < bytes.count, bytes[position + 1] == 34 {
            text.append(34)
            position += 2
          } else {
            position += 1
            break
          }
        }
        fields.append(String(decoding: text, as: UTF8.self))
      } else {
        let start = position
        while position < bytes.count, bytes[position] != 44, bytes[position] != 10, bytes[position] != 13 {
          position += 1
        }
        fields.append(
          String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self))
      }
      guard position < bytes.count else { return fields }
      let end = bytes[position]
      position += 1
      if end == 44 { continue }
      if end == 13, position < bytes.count, bytes[position] == 10 { position += 1 }
      return fields
    }
  }
}
