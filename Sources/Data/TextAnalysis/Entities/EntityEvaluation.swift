/// How well named pieces were found: a piece is right when its place and its label are.
public struct EntityEvaluation: Sendable, Codable, Equatable {
  /// The counts of one label.
  public struct Counts: Sendable, Codable, Equatable {
    /// Pieces in the gold text.
    public var gold = 0
    /// Pieces that were found.
    public var found = 0
    /// Found pieces that are right.
    public var correct = 0

    /// The share of found pieces that are right.
    public var precision: Double { found > 0 ? Double(correct) / Double(found) : 0 }
    /// The share of gold pieces that were found.
    public var recall: Double { gold > 0 ? Double(correct) / Double(gold) : 0 }
    /// The harmonic mean of both.
    public var f1: Double { gold + found > 0 ? 2 * Double(correct) / Double(gold + found) : 0 }
  }

  /// The counts by label.
  public private(set) var byLabel: [String: Counts] = [:]

  /// Nothing counted yet.
  public init() {}

  /// The counts of all labels together.
  public var all: Counts {
    byLabel.values.reduce(into: Counts()) {
      $0.gold += $1.gold
      $0.found += $1.found
      $0.correct += $1.correct
    }
  }

  /// Counts the pieces of one sentence.
  public mutating func add(gold: [LabelledRange], found: [LabelledRange]) {
    for piece in gold { byLabel[piece.label, default: Counts()].gold += 1 }
    var open = gold
    for piece in found {
      byLabel[piece.label, default: Counts()].found += 1
      if let match = open.firstIndex(where: { $0.range == piece.range && $0.label == piece.label }) {
        byLabel[piece.label, default: Counts()].correct += 1
        open.remove(at: match)
      }
    }
  }
}
