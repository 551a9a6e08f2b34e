/// Where an item of a page comes from.
public enum CandidateSource: String, Sendable, Codable, CaseIterable {
  /// The ranker scored it for the history.
  case model
  /// The ranker says it is like the item shown.
  case similar
  /// It goes into one order with what is in the cart.
  case complements
  /// Its words and attributes are like those of the history; for items that nobody has dealt with yet.
  case content
  /// It is popular; nothing else could be said.
  case popular
  /// A rule put it there.
  case pinned
  /// It is being tried out.
  case explored
}

/// What became of a candidate.
public enum CandidateFate: String, Sendable, Codable, CaseIterable {
  /// It is on the page.
  case shown
  /// Others scored higher.
  case outranked
  /// A filter takes it out.
  case removed
  /// A quota was full.
  case capped
  /// It would have been shown, were it not for diversity or calibration.
  case diversity
  /// It could take the place of what is in the cart.
  case heldBack = "held_back"
  /// It was shown often enough.
  case fatigued
  /// The customer has bought it, and repeats were not asked for.
  case boughtBefore = "bought_before"
  /// No source named it.
  case noCandidate = "no_candidate"
  /// The shop does not know it.
  case notInCatalogue = "not_in_catalogue"
}

/// An item that may come onto a page.
struct PageCandidate: Sendable {
  /// Its row in the table.
  var row: Int
  /// Where it comes from.
  var source: CandidateSource
  /// What the source gave it, before rules; nil where a source gives no score.
  var sourceScore: Float?
  /// The score by which the page is put in order: 1 for the best before rules.
  var score: Double
  /// What became of it.
  var fate = CandidateFate.outranked
  /// The rule whose quota was full when its turn came.
  var cappedBy: Int?
}

extension CandidateSource {
  /// Candidates of a later tier come onto a page only when no earlier one can.
  var tier: Int {
    switch self {
    case .content: 1
    case .popular: 2
    default: 0
    }
  }
}
