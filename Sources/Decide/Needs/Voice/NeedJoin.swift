import Foundation
import TextAnalysis

/// Finds the purchase need that a need from texts is about, so that both stand together with both kinds of evidence: what
/// customers say, and what they buy.
///
/// ```swift
/// let match = NeedJoin(subjects: board.rows.map(\.subject)).match(need, categories: ["COFFEE": 12, "TEA": 1])
/// match.subjectID   // "COFFEE"
/// ```
/// A need joins the category that more than half of its sentences about a known item are about, when those are at least three;
/// else the one whose name shares a word with the five words that tell the need from others.
public struct NeedJoin: Sendable {
  /// Why a need and a category are the same.
  public enum Reason: String, Sendable, Codable {
    /// Its sentences are about items of the category.
    case items
    /// Its words name the category.
    case words
  }

  /// What a need was matched with.
  public struct Match: Sendable, Equatable {
    /// The categories its sentences are about, most first.
    public var categories: [(id: String, statements: Int)]
    /// The category it joins; nil for none.
    public var subjectID: String?
    /// Why it joins it.
    public var reason: Reason

    /// Two matches are alike when they join the same category for the same reason.
    public static func == (a: Match, b: Match) -> Bool {
      a.subjectID == b.subjectID && a.reason == b.reason && a.categories.map(\.id) == b.categories.map(\.id)
    }
  }

  private static let leastStatements = 3
  private let subjects: Set<String>
  private let subjectsOfWord: [String: [String]]

  /// Joins needs with these subjects of purchase needs.
  public init(subjects: [Need.Subject]) {
    self.subjects = Set(subjects.map(\.id))
    var words: [String: [String]] = [:]
    for subject in subjects {
      for word in Self.words(subject.label) { words[word, default: []].append(subject.id) }
    }
    subjectsOfWord = words
  }

  /// The category that a need joins.
  ///
  /// - Parameter categories: how many of its statements are about items of each category.
  public func match(_ need: VoiceNeed, categories: [String: Int]) -> Match {
    let ranked = categories.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { (id: $0.key, statements: $0.value) }
    let total = ranked.reduce(0) { $0 + $1.statements }
    if let first = ranked.first, first.statements >= Self.leastStatements, first.statements * 2 > total,
      subjects.contains(first.id)
    {
      return Match(categories: ranked, subjectID: first.id, reason: .items)
    }
    var votes: [String: Int] = [:]
    for word in need.words.prefix(5).flatMap(Self.words) {
      for subject in subjectsOfWord[word] ?? [] { votes[subject, default: 0] += 1 }
    }
    let best = votes.max { ($0.value, $1.key) < ($1.value, $0.key) }
    return Match(categories: ranked, subjectID: best?.key, reason: .words)
  }

  /// The words of a name: Latin ones from three letters on, in small letters, without the s of the plural; Chinese names whole.
  private static func words(_ name: String) -> [String] {
    name.lowercased().split { !$0.isLetter }.map(String.init).compactMap { word in
      guard word.utf8.count > 2 else { return nil }
      return word.hasSuffix("s") && word.utf8.count > 3 && !word.hasSuffix("ss")
        ? String(word.dropLast()) : word
    }
  }
}
