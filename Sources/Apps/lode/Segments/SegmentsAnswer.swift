import Commerce
import Learning
import MathKernels
import Segmentation

/// What `lode segments` found.
struct SegmentsAnswer {
  /// Above this many customers the segments' stability is left out.
  static let mostForStability = 5_000

  var algorithm: String
  var table: CustomerTable
  var points: Matrix<Double>
  var encoding: TableEncodingModel?
  var labels: [Int] = []
  var profiles: [SegmentProfiles.Profile] = []
  /// What there is for each customer, by name.
  var figureNames: [String] = []
  var figures: [[Double]] = []
  var segmenter: (any Segmenter)?
  /// How long it took to part the points, reading and describing left out.
  var seconds: Double?
  var choice: SegmentCount.Choice?
  var mixture: GaussianMixtureModel?
  var tried: [MixtureSearch.Entry] = []
  var tastes: [BasketTopicsModel.Taste] = []

  init(algorithm: String, table: CustomerTable, points: Matrix<Double>, encoding: TableEncodingModel?) {
    (self.algorithm, self.table) = (algorithm, table)
    (self.points, self.encoding) = (points, encoding)
  }

  /// The distance of each customer to the mean of its segment.
  func distances() -> [Double] {
    let count = (labels.max() ?? -1) + 1
    var means = Matrix<Double>(rows: count, columns: points.columns)
    var sizes = [Double](repeating: 0, count: count)
    for label in labels { sizes[label] += 1 }
    for (row, label) in labels.enumerated() {
      for column in 0..<points.columns { means[label, column] += points[row, column] / sizes[label] }
    }
    return labels.enumerated().map { row, label in
      zip(points.row(row), means.row(label)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }
  }

  /// Everything.
  func json(seed: UInt64, map method: SegmentsFileCommand.MapMethod) throws -> JSONValue {
    let several = Set(labels).count > 1
    let silhouette = several ? try Silhouette(seed: seed).measure(points, labels) : nil
    let stability: SegmentStability.Measurement? =
      if several, let segmenter, labels.count <= Self.mostForStability {
        try SegmentStability().measure(points, labels, by: segmenter, context: FitContext(seed: seed))
      } else { nil }
    let map = try PrincipalMap(of: points)
    let isPrincipal = method == .principal
    let places =
      isPrincipal
      ? map.coordinates : try NeighbourEmbedding().embed(points, context: FitContext(seed: seed))
    var answer: JSONValue = [
      "algorithm": .string(algorithm),
      "segments": .array(
        profiles.map { segment($0, silhouette?.bySegment, stability?.bySegment) }),
      "quality": try quality(silhouette, stability),
      "map": [
        "method": .string(method.rawValue),
        "explained": isPrincipal ? .array(map.explained.map { JSONValue($0) }) : nil,
      ],
      "customers": .array(
        table.ids.indices.map { row in
          var customer: [String: JSONValue] = [
            "id": .string(table.ids[row]), "segment": JSONValue(labels[row] + 1),
            "x": JSONValue(places[row][0]), "y": JSONValue(places[row][1]),
          ]
          for (name, values) in zip(figureNames, figures) { customer[name] = JSONValue(values[row]) }
          return .object(customer)
        }),
    ]
    if let encoding {
      answer["columns"] = .array(encoding.columns.map { .string($0.title) })
      answer["constant_columns"] = .array(encoding.constantColumns.map { .string($0) })
    }
    if !tastes.isEmpty {
      answer["tastes"] = .array(
        tastes.map { taste in
          [
            "customers": JSONValue(taste.size),
            "items": .array(
              taste.items.map {
                ["item": .string($0.name), "share": JSONValue($0.share), "lift": JSONValue($0.lift)]
              }),
          ]
        })
    }
    if let seconds { answer["seconds"] = JSONValue(seconds) }
    if let choice { answer["choice"] = Self.choice(choice) }
    if !tried.isEmpty {
      answer["mixtures"] = .array(
        tried.map {
          [
            "clusters": JSONValue($0.segments), "family": .string($0.family.rawValue),
            "bic": $0.bic.map { JSONValue($0) } ?? .null,
          ]
        })
    }
    return answer
  }

  private func segment(
    _ profile: SegmentProfiles.Profile, _ silhouettes: [Double]?, _ stabilities: [Double]?
  ) -> JSONValue {
    [
      "segment": JSONValue(profile.segment + 1), "size": JSONValue(profile.size),
      "share": JSONValue(profile.share),
      "name": ["zh": .string(profile.name.zh), "en": .string(profile.name.en)],
      "silhouette": silhouettes.map { JSONValue($0[profile.segment]) } ?? .null,
      "stability": stabilities.map { JSONValue($0[profile.segment]) } ?? .null,
      "traits": .array(
        profile.traits.map { trait in
          [
            "column": .string(trait.column), "category": trait.category.map { .string($0) } ?? .null,
            "inside": JSONValue(trait.inside), "outside": JSONValue(trait.outside),
            "effect": JSONValue(trait.effect), "q_value": JSONValue(trait.qValue),
          ]
        }),
    ]
  }

  private func quality(_ silhouette: Silhouette.Measurement?, _ stability: SegmentStability.Measurement?)
    throws -> JSONValue
  {
    let compactness = try Compactness(of: points, labels)
    func number(_ value: Double?) -> JSONValue {
      value.flatMap { $0.isFinite ? JSONValue($0) : nil } ?? .null
    }
    var quality: [String: JSONValue] = [
      "inertia": number(compactness.inertia), "silhouette": number(silhouette?.mean),
      "silhouette_customers": silhouette.map { JSONValue($0.rowsMeasured) } ?? .null,
      "calinski_harabasz": number(silhouette == nil ? nil : compactness.calinskiHarabasz),
      "davies_bouldin": number(silhouette == nil ? nil : compactness.daviesBouldin),
      "stability": number(stability?.mean),
    ]
    if let mixture {
      quality["family"] = .string(mixture.family.rawValue)
      quality["bic"] = number(mixture.bic)
      quality["icl"] = number(mixture.icl)
    }
    return .object(quality)
  }

  private static func choice(_ choice: SegmentCount.Choice) -> JSONValue {
    [
      "clusters": JSONValue(choice.count), "by_gap": JSONValue(choice.countByGap),
      "reason": ["zh": .string(choice.reason.zh), "en": .string(choice.reason.en)],
      "customers": JSONValue(choice.rowsMeasured),
      "candidates": .array(
        choice.candidates.map {
          [
            "clusters": JSONValue($0.segments), "silhouette": JSONValue($0.silhouette),
            "calinski_harabasz": $0.calinskiHarabasz.isFinite ? JSONValue($0.calinskiHarabasz) : .null,
            "davies_bouldin": JSONValue($0.daviesBouldin), "gap": JSONValue($0.gap),
            "gap_error": JSONValue($0.gapError), "stability": JSONValue($0.stability),
          ]
        }),
    ]
  }
}
