import Learning

extension TrustNetwork {
  /// Reads a plain file of trust: who trusts whom, one pair a line, separated by commas, tabs or blanks, gzipped or not.
  ///
  /// Columns are named by a header (`truster` and `trustee`, or `from` and `to`); without one they are the first two.
  /// - Throws: `RecommendationError` with file, line, field and what was expected.
  public init(path: String) throws {
    let file = ColumnFile(
      path: path,
      columns: [
        .init(name: "truster", names: ["truster", "from", "user_id", "source"]),
        .init(name: "trustee", names: ["trustee", "to", "friend_id", "target"]),
      ])
    var edges: [Edge] = []
    try file.forEachRow { line, fields in
      edges.append(
        Edge(from: try file.text(fields, 0, line: line), to: try file.text(fields, 1, line: line)))
    }
    self.init(edges)
  }
}

extension RatingAlgorithm {
  /// `TrustSVD` with a network of trust, the same whatever ratings are learned from.
  public static func trustSVD(_ trust: TrustNetwork) -> RatingAlgorithm {
    RatingAlgorithm(
      "TrustSVD", TrustSVD.Configuration(), axes: [TuningAxis("trustStrength", 0, 0.1, 0.5, 1, 2)]
    ) { Trusting(algorithm: TrustSVD($0), trust: trust) }
  }
}

/// `TrustSVD` that knows its network, and so learns from ratings alone.
private struct Trusting: Estimator {
  let algorithm: TrustSVD
  let trust: TrustNetwork

  func fit(_ data: Interactions, context: FitContext) async throws -> RatingFactorModel {
    try await algorithm.fit(TrustedRatings(data, trust: trust), context: context)
  }
}
