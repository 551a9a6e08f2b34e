import Commerce
import Foundation
import Learning
import MathKernels

/// Recommends what came up in the sequences most like the latest items of the one asking.
///
/// ```swift
/// let model = try await SessionKNN(.init(neighbours: 500)).fit(interactions, context: FitContext())
/// model.recommend(for: ["tent", "sleeping bag"], count: 10)
/// ```
/// Each user's sequence is cut where more than `gapHours` pass, if that is given. The latest `historyLength` items weigh
/// `historyDecay^r`, r = 0 for the latest. Among the `sample` newest sequences of those that share an item, the `neighbours`
/// with the largest weight of shared items are taken; each says for its items that weight, times the item's inverse frequency
/// to the power of `inverseFrequency`, times `distanceDecay` to the power of their distance to the latest shared item.
///
/// Sources: VS-kNN of Ludewig and Jannach (2018), https://doi.org/10.1007/s11257-018-9209-6, with the distance between items
/// after Garg and others (2019), https://doi.org/10.1145/3331184.3331322; decays are geometric here.
///
/// - Complexity: O(interactions) to fit; O(historyLength × sequences of an item + neighbours × their lengths + items) to score.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without interactions.
public struct SessionKNN: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many sequences are asked.
    public var neighbours: Int
    /// Among how many of the newest sequences they are looked for.
    public var sample: Int
    /// How many of the latest items of a history count.
    public var historyLength: Int
    /// What an item of the history counts less for each later one.
    public var historyDecay: Double
    /// What an item of a sequence counts less for each step away from the latest shared one.
    public var distanceDecay: Double
    /// How far frequent items are held back.
    public var inverseFrequency: Double
    /// After how many hours without an event a new sequence starts; nil for one sequence per user.
    public var gapHours: Double?

    /// The defaults do well on Amazon Beauty.
    public init(
      neighbours: Int = 500, sample: Int = 5000, historyLength: Int = 20, historyDecay: Double = 0.7,
      distanceDecay: Double = 0.9, inverseFrequency: Double = 0.5, gapHours: Double? = nil
    ) {
      self.neighbours = neighbours
      self.sample = sample
      self.historyLength = historyLength
      self.historyDecay = historyDecay
      self.distanceDecay = distanceDecay
      self.inverseFrequency = inverseFrequency
      self.gapHours = gapHours
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Indexes the sequences.
  public func fit(_ data: Interactions, context: FitContext) async throws -> SessionKNNModel {
    try SettingCheck.require("neighbours", configuration.neighbours, 1...1_000_000)
    try SettingCheck.require("sample", configuration.sample, 1...100_000_000)
    try SettingCheck.require("historyLength", configuration.historyLength, 1...10_000)
    try SettingCheck.require("historyDecay", configuration.historyDecay, 0.01...1)
    try SettingCheck.require("distanceDecay", configuration.distanceDecay, 0.01...1)
    try SettingCheck.require("inverseFrequency", configuration.inverseFrequency, 0...10)
    if let hours = configuration.gapHours { try SettingCheck.require("gapHours", hours, 1e-3...1e6) }
    try data.requireSomething()
    try context.checkpoint(step: 0, of: 1)
    let model = SessionKNNModel(configuration, data)
    try context.checkpoint(step: 1, of: 1)
    return model
  }
}

/// What `SessionKNN` learned: the sequences, oldest first by their last event, and in which of them each item is.
public struct SessionKNNModel: Recommender {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public let configuration: SessionKNN.Configuration
  /// The items known to the model.
  public let items: Vocabulary
  @Packed private var counts: [Float]
  @Packed private var itemScales: [Float]
  @Packed private var starts: [Int64]
  @Packed private var sequence: [Int32]
  @Packed private var itemStarts: [Int64]
  @Packed private var itemSequences: [Int32]

  /// How popular each item is.
  public var popularity: [Float] { counts }

  init(_ configuration: SessionKNN.Configuration, _ data: Interactions) {
    self.configuration = configuration
    items = data.items
    counts = Popularity.scores(data)
    let cut = Self.sequences(data, gapHours: configuration.gapHours)
    sequence = cut.flatMap(\.items)
    var ends: [Int64] = [0]
    for part in cut { ends.append(ends[ends.count - 1] + Int64(part.items.count)) }
    starts = ends
    var rows: [Int32] = []
    for (index, part) in cut.enumerated() {
      rows += [Int32](repeating: Int32(index), count: part.items.count)
    }
    let byItem = SparseMatrix(
      rows: data.items.count, columns: cut.count, rowIndices: cut.flatMap(\.items), columnIndices: rows,
      values: [Float](repeating: 1, count: rows.count))
    itemStarts = byItem.rowStarts.map(Int64.init)
    itemSequences = byItem.columnIndices
    itemScales = (0..<byItem.rows).map { item in
      let holders = byItem.rowStarts[item + 1] - byItem.rowStarts[item]
      guard holders > 0 else { return 0 }
      return Float(pow(log1p(Double(cut.count) / Double(holders)), configuration.inverseFrequency))
    }
  }

  private static func sequences(
    _ data: Interactions, gapHours: Double?
  ) -> [(items: [Int32], end: Int64)] {
    let gap = gapHours.map { $0 * Double(Timestamp.day) / 24 } ?? .infinity
    var cut: [(items: [Int32], end: Int64)] = []
    for user in 0..<data.users.count {
      var isOpen = false
      for row in data.rows(ofUser: user) where data.weight[row] > 0 {
        let time = data.timestamp[row]
        if isOpen, let last = cut.last, Double(time) - Double(last.end) <= gap {
          cut[cut.count - 1].items.append(data.item[row])
          cut[cut.count - 1].end = time
        } else {
          cut.append(([data.item[row]], time))
        }
        isOpen = true
      }
    }
    let order = cut.indices.sorted { (cut[$0].end, $0) < (cut[$1].end, $1) }
    return order.map { cut[$0] }
  }

  /// The places of a history that count, each once for its latest occurrence, with their decays.
  private func recent(_ history: CodedHistory) -> [(place: Int, item: Int32, decay: Float)] {
    var (result, known): ([(Int, Int32, Float)], Set<Int32>) = ([], [])
    var decay: Float = 1
    var taken = 0
    for place in history.items.indices.reversed() where history.weights[place] > 0 {
      guard taken < configuration.historyLength else { break }
      taken += 1
      if known.insert(history.items[place]).inserted { result.append((place, history.items[place], decay)) }
      decay *= Float(configuration.historyDecay)
    }
    return result
  }

  private struct Neighbour {
    var sequence: Int
    var weight: Float
  }

  private func neighbours(_ recent: [(place: Int, item: Int32, decay: Float)]) -> [Neighbour] {
    var weights: [Int32: Float] = [:]
    for (_, item, decay) in recent {
      // The newest sequences of an item come last; older ones than the sample cannot be among its newest.
      let range = Int(itemStarts[Int(item)])..<Int(itemStarts[Int(item) + 1])
      for entry in range.suffix(configuration.sample) { weights[itemSequences[entry], default: 0] += decay }
    }
    let newest = weights.keys.sorted(by: >).prefix(configuration.sample)
    var best = TopK(configuration.neighbours)
    // Among equals the newer sequence is taken: its index is the larger one.
    let last = Int32(starts.count)
    for index in newest { if let weight = weights[index] { best.offer(last - index, weight) } }
    return best.sorted().map { Neighbour(sequence: Int(last - $0.index), weight: $0.score) }
  }

  /// Calls `body` with each item of a neighbour and what it counts, distance and frequency considered.
  private func forEachItem(
    of neighbour: Neighbour, sharing recent: [(place: Int, item: Int32, decay: Float)],
    _ body: (Int32, Float) -> Void
  ) {
    let range = Int(starts[neighbour.sequence])..<Int(starts[neighbour.sequence + 1])
    // The latest item of the history that the sequence holds is where distances are counted from.
    var anchor: Int?
    for (_, item, _) in recent where anchor == nil { anchor = range.last { sequence[$0] == item } }
    guard let anchor else { return }
    for place in range {
      let distance = Float(abs(place - anchor))
      body(
        sequence[place], pow(Float(configuration.distanceDecay), distance) * itemScales[Int(sequence[place])])
    }
  }

  /// Adds up what the nearest sequences hold.
  public func score(_ histories: [CodedHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    let width = items.count
    for (row, history) in histories.enumerated() {
      let sums = UnsafeMutableBufferPointer(rebasing: scores[row * width..<(row + 1) * width])
      sums.update(repeating: 0)
      let recent = recent(history)
      for neighbour in neighbours(recent) {
        forEachItem(of: neighbour, sharing: recent) { sums[Int($0)] += neighbour.weight * $1 }
      }
      for index in 0..<width where !(sums[index] > 0) { sums[index] = -.infinity }
    }
  }

  /// Each shared item's part of the weight of each neighbour.
  public func contributions(of history: CodedHistory, to items: [Int32]) -> [[Float]] {
    var parts = items.map { _ in [Float](repeating: 0, count: history.items.count) }
    let recent = recent(history)
    var placeOf: [Int32: Int] = [:]
    for (index, item) in items.enumerated() { placeOf[item] = index }
    for neighbour in neighbours(recent) {
      let held = Set(sequence[Int(starts[neighbour.sequence])..<Int(starts[neighbour.sequence + 1])])
      let shared = recent.filter { held.contains($0.item) }
      forEachItem(of: neighbour, sharing: recent) { item, value in
        guard let index = placeOf[item] else { return }
        for (place, _, decay) in shared { parts[index][place] += decay * value }
      }
    }
    return parts
  }

  /// What the item's sequences hold.
  public func scoreSimilar(to item: Int32, into scores: UnsafeMutableBufferPointer<Float>) {
    score([CodedHistory(items: [item], weights: [1])], into: scores)
  }
}
