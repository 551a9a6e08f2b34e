import Learning
import MathKernels

/// Measures vectors of pictures: how often the class is told right, and whether a picture's nearest neighbours show the like.
///
/// ```swift
/// let parts = try ImageEvaluation().parts(images)
/// let model = try await ImageEncoder().fit(ImageDataset(training: parts.training, validation: parts.validation), context: context)
/// let report = try ImageEvaluation().evaluate(model, parts)
/// ```
public struct ImageEvaluation: Sendable {
  /// How many neighbours are looked at.
  public var neighbours: Int
  /// How many neighbours among the training pictures vote on the class by pixels.
  public var voters: Int
  /// How many resamples the confidence intervals take; 0 for none.
  public var resamples: Int
  /// Seeds the parts and the intervals.
  public var seed: UInt64

  /// A measurement; by default of ten neighbours.
  public init(neighbours: Int = 10, voters: Int = 5, resamples: Int = 1000, seed: UInt64 = 42) {
    self.neighbours = neighbours
    self.voters = voters
    self.resamples = resamples
    self.seed = seed
  }

  /// What is learned from, what decides when to stop, and the test.
  public struct Parts: Sendable {
    /// What is learned from.
    public var training: ImageSet
    /// What decides when to stop.
    public var validation: ImageSet
    /// What is measured on.
    public var test: ImageSet
  }

  /// Ten twelfths of the pictures, a twelfth and a twelfth, at random.
  ///
  /// - Throws: `RecommendationError.nothingToEvaluate` with fewer than 24 pictures.
  public func parts(_ images: ImageSet) throws -> Parts {
    guard images.count >= 24 else {
      throw RecommendationError.nothingToEvaluate(
        reason: "\(images.count) pictures are too few; 24 are needed")
    }
    var random = RandomSource(seed: seed)
    let order = Array(0..<images.count).shuffled(using: &random)
    let part = images.count / 12
    return Parts(
      training: images.selecting(Array(order[(2 * part)...])),
      validation: images.selecting(Array(order[part..<2 * part])),
      test: images.selecting(Array(order[..<part])))
  }

  /// Figures with their intervals.
  public struct Report: Sendable, Codable, Equatable {
    /// `accuracy`, `precision` of the neighbours, and beside them those by pixels alone: `pixel_accuracy`,
    /// `pixel_precision`.
    public var metrics: [String: Double]
    /// Bootstrap intervals over the test pictures.
    public var intervals: [String: ConfidenceInterval]
    /// How many pictures were measured.
    public var cases: Int
  }

  /// Takes the figures of a model and of plain pixels on the test.
  ///
  /// Neighbours are the test pictures with the largest cosine, the picture itself left out; by pixels the class is what most
  /// of the nearest training pictures show, the nearer one deciding between equals.
  /// - Throws: `LearningError.invalidParameter` for pictures of another size than the model's.
  /// - Complexity: O(test × training × pixels).
  public func evaluate(_ model: ImageEncoderModel, _ parts: Parts) throws -> Report {
    let test = parts.test
    let found = try model.classify(test)
    let pixels = Self.unit(test.pixels, width: test.size)
    let vectors = Self.unit(try model.vectors(of: test), width: model.configuration.embeddingSize)
    let columns = [
      "accuracy": zip(found, test.labels).map { $0 == $1 ? 1.0 : 0 },
      "precision": precision(vectors, test.labels), "pixel_precision": precision(pixels, test.labels),
      "pixel_accuracy": votes(
        pixels, test.labels, Self.unit(parts.training.pixels, width: test.size), parts.training.labels),
    ]
    let names = columns.keys.sorted()
    var report = Report(metrics: columns.mapValues(Statistics.mean), intervals: [:], cases: test.count)
    if resamples > 0 {
      let intervals = Bootstrap.meanIntervals(
        of: names.map { columns[$0] ?? [] }, resamples: resamples, seed: seed)
      for (name, interval) in zip(names, intervals) { report.intervals[name] = interval }
    }
    return report
  }

  /// Rows brought to length one.
  private static func unit(_ rows: [Float], width: Int) -> [Float] {
    var rows = rows
    for start in stride(from: 0, to: rows.count, by: width) {
      var sum: Float = 0
      for index in start..<start + width { sum += rows[index] * rows[index] }
      guard sum > 0 else { continue }
      let factor = 1 / sum.squareRoot()
      for index in start..<start + width { rows[index] *= factor }
    }
    return rows
  }

  /// For each picture the share of its nearest others that show the same.
  private func precision(_ rows: [Float], _ labels: [Int]) -> [Double] {
    nearest(rows, rows, rows: labels.count, neighbours, leavingOut: true).enumerated().map { row, found in
      found.isEmpty
        ? 0 : Double(found.filter { labels[$0] == labels[row] }.count) / Double(found.count)
    }
  }

  /// For each picture 1 when most of the nearest training pictures show the same, else 0.
  private func votes(_ rows: [Float], _ labels: [Int], _ training: [Float], _ known: [Int]) -> [Double] {
    nearest(rows, training, rows: labels.count, voters, leavingOut: false).enumerated().map { row, found in
      var (best, most) = (-1, 0)
      for voter in found {
        let count = found.filter { known[$0] == known[voter] }.count
        if count > most { (best, most) = (known[voter], count) }
      }
      return best == labels[row] ? 1 : 0
    }
  }

  /// For each row of the first table the nearest of the second, nearest first.
  private func nearest(
    _ first: [Float], _ second: [Float], rows: Int, _ count: Int, leavingOut: Bool
  ) -> [[Int]] {
    guard rows > 0 else { return [] }
    let width = first.count / rows
    let others = second.count / width
    var result: [[Int]] = []
    for start in stride(from: 0, to: rows, by: 250) {
      let part = min(250, rows - start)
      var cosines = [Float](repeating: 0, count: part * others)
      Float.gemm(
        false, true, part, others, width, 1, Array(first[start * width..<(start + part) * width]), width,
        second,
        width, 0, &cosines, others)
      for row in 0..<part {
        if leavingOut { cosines[row * others + start + row] = -.infinity }
        let list = cosines[row * others..<(row + 1) * others].withUnsafeBufferPointer {
          TopK.select(count, of: $0)
        }
        result.append(list.map { Int($0.index) })
      }
    }
    return result
  }
}
