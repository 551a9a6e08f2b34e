import ArgumentParser
import Foundation
import Recommendation

/// Which file of interactions is read, and how data are held out: what evaluation and tuning share.
struct InteractionOptions: ParsableArguments {
  @Option(help: "The file of interactions.") var interactions: String
  @Option(
    help: ArgumentHelp(
      "How data are held out: leave-one-out, temporal, last-days, stratified, 8-1-1, k-fold or k-fold-ratings."
    ))
  var `protocol` = "leave-one-out"
  @Option(help: "Seeds models, splits and confidence intervals.") var seed: UInt64 = 42
  @Option(help: "Whether items of the history may be recommended: allow, only or never.")
  var repeats = "never"
  @Option(
    help: "The share that is held out: of the newest rows (temporal), of each user's rows (stratified).")
  var testShare: Double?
  @Option(help: "How many days last-days holds out.") var testDays = 28.0
  @Option(help: "How many folds k-fold and k-fold-ratings have.") var folds = 5
  @Option(help: "Resamples of the confidence intervals; 0 for none.") var resamples = 1000
  @Option(help: "The user's column, by name or number.") var userColumn: String?
  @Option(help: "The item's column, by name or number.") var itemColumn: String?
  @Option(help: "The time's column, by name or number; none for the order of the lines.") var timeColumn:
    String?
  @Option(
    help: "The column of the weight or rating, by name or number; every row weighs 1 without it.")
  var ratingColumn: String?
  @Option(help: "The separator: a character, tab or space; told by the first line without it.")
  var separator: String?

  /// Whether ratings are predicted instead of items ranked.
  var isAboutRatings: Bool { `protocol` == "k-fold-ratings" }

  func read() throws -> Interactions {
    try InteractionFile(
      path: interactions, userColumn: userColumn, itemColumn: itemColumn, timeColumn: timeColumn,
      ratingColumn: ratingColumn ?? (isAboutRatings ? "rating" : nil), separator: try chosenSeparator()
    ).read()
  }

  func chosenProtocol() throws -> EvaluationProtocol {
    switch `protocol` {
    case "leave-one-out": return .leaveOneOut
    case "temporal": return .temporal(testShare: try share(otherwise: 0.2))
    case "stratified": return .stratified(testShare: try share(otherwise: 0.25))
    case "8-1-1": return .eightOneOne
    case "last-days":
      guard testDays > 0, testDays < 1e5 else { throw ValidationError("--test-days is a positive number.") }
      return .lastDays(testDays)
    case "k-fold", "k-fold-ratings":
      guard folds >= 2 else { throw ValidationError("--folds is at least 2.") }
      return .kFold(folds: folds)
    default:
      throw ValidationError(
        "--protocol is leave-one-out, temporal, last-days, stratified, 8-1-1, k-fold or k-fold-ratings, "
          + "found '\(`protocol`)'.")
    }
  }

  private func share(otherwise: Double) throws -> Double {
    let share = testShare ?? otherwise
    guard share > 0, share < 1 else { throw ValidationError("--test-share is between 0 and 1.") }
    return share
  }

  func chosenRepeats() throws -> RepeatPurchases {
    guard let chosen = RepeatPurchases(rawValue: repeats) else {
      throw ValidationError("--repeats is allow, only or never, found '\(repeats)'.")
    }
    return chosen
  }

  private func chosenSeparator() throws -> Character? {
    switch separator {
    case nil: return nil
    case "tab", "\\t": return "\t"
    case "space": return " "
    case .some(let text):
      guard text.count == 1 else {
        throw ValidationError("--separator is one character, tab or space, found '\(text)'.")
      }
      return text.first
    }
  }

  /// Says what is wrong with the input and ends with code 2.
  static func fail(_ message: String) throws -> Never {
    FileHandle.standardError.write(Data("error: \(message)\n".utf8))
    throw ExitCode(2)
  }
}

/// Figures in tables.
enum Figures {
  static func text(_ value: Double?, _ digits: Int = 4) -> String {
    value.map { String(format: "%.\(digits)f", $0) } ?? ""
  }
}
