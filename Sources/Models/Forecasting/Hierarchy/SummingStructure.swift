/// Which series add up to which: a tree, or groups that cross, such as store × item.
///
/// ```swift
/// let tree = try SummingStructure(paths: [["Shop", "Tea", "green"], ["Shop", "Tea", "black"], ["Shop", "Milk", "oat"]])
/// tree.names   // Shop, Shop/Milk, Shop/Tea, then the three bottom series
/// ```
/// Sums come first, then the bottom series; every array of series that goes with a structure has this order. Sums of the same
/// bottom series are one, and a sum of a single bottom series is that series.
public struct SummingStructure: Sendable, Codable, Equatable {
  /// A sum of bottom series.
  public struct Sum: Sendable, Codable, Equatable {
    /// Its name.
    public var name: String
    /// What kind of sum it is, such as `category`; sums of a kind share no bottom series.
    public var level: String
    /// The bottom series in it, by index.
    public var members: [Int]

    /// A sum.
    public init(name: String, level: String, members: [Int]) {
      (self.name, self.level, self.members) = (name, level, members)
    }
  }

  /// The sums.
  public let sums: [Sum]
  /// The names of the bottom series.
  public let bottom: [String]

  /// The names of all series: the sums', then the bottom ones'.
  public var names: [String] { sums.map(\.name) + bottom }
  /// How many series there are.
  public var count: Int { sums.count + bottom.count }

  /// A structure of given sums.
  ///
  /// - Throws: `ForecastError.invalidParameter` without bottom series, for a name that stands twice, or for a sum that is empty
  ///   or holds a series that is not there, or the same one twice.
  public init(sums: [Sum], bottom: [String]) throws {
    func invalid(_ value: String, _ expected: String) -> ForecastError {
      .invalidParameter(name: "hierarchy", value: value, expected: expected)
    }
    guard !bottom.isEmpty else { throw invalid("empty", "at least one bottom series") }
    var names: Set<String> = []
    for name in sums.map(\.name) + bottom where !names.insert(name).inserted {
      throw invalid("'\(name)' twice", "series of different names")
    }
    for sum in sums {
      guard !sum.members.isEmpty, Set(sum.members).count == sum.members.count,
        sum.members.allSatisfy({ bottom.indices.contains($0) })
      else { throw invalid("'\(sum.name)'", "a sum of different bottom series that are there") }
    }
    (self.sums, self.bottom) = (sums, bottom)
  }

  /// A tree from the path of each bottom series, broad to narrow; paths are of one length, and a node's name is its path.
  ///
  /// - Throws: `ForecastError.invalidParameter`.
  public init(paths: [[String]], separator: String = "/") throws {
    let depth = paths.first?.count ?? 0
    guard depth > 0, paths.allSatisfy({ $0.count == depth }) else {
      throw ForecastError.invalidParameter(
        name: "hierarchy", value: "paths of different lengths", expected: "as many steps for each series")
    }
    var sums: [Sum] = []
    for level in 0..<(depth - 1) {
      sums += Self.groups(
        paths.map { $0[0...level].joined(separator: separator) }, level: "level \(level + 1)")
    }
    try self.init(sums: Self.distinct(sums), bottom: paths.map { $0.joined(separator: separator) })
  }

  /// Groups that cross: the total, each group of each key, and each pair of groups of different keys.
  ///
  /// ```swift
  /// try SummingStructure(bottom: ["a/tea", "a/milk", "b/tea"], keys: [("store", ["a", "a", "b"]), ("item", ["tea", "milk", "tea"])])
  /// ```
  ///
  /// - Parameter keys: each with the group of each bottom series.
  /// - Throws: `ForecastError.invalidParameter`.
  public init(bottom: [String], keys: [(name: String, groups: [String])]) throws {
    guard keys.allSatisfy({ $0.groups.count == bottom.count }) else {
      throw ForecastError.invalidParameter(
        name: "hierarchy", value: "a key of another length", expected: "a group for each bottom series")
    }
    var sums = [Sum(name: "Total", level: "Total", members: Array(bottom.indices))]
    for (place, key) in keys.enumerated() {
      sums += Self.groups(key.groups.map { "\(key.name)=\($0)" }, level: key.name)
      for other in keys[(place + 1)...] {
        let pairs = bottom.indices.map { "\(key.name)=\(key.groups[$0]), \(other.name)=\(other.groups[$0])" }
        sums += Self.groups(pairs, level: "\(key.name), \(other.name)")
      }
    }
    try self.init(sums: Self.distinct(sums), bottom: bottom)
  }

  /// All series of the bottom ones' values: `[series][step]`.
  ///
  /// - Throws: `ForecastError.invalidParameter` when they are not as many, or of different lengths.
  public func aggregate(_ bottom: [[Double]]) throws -> [[Double]] {
    guard bottom.count == self.bottom.count, bottom.allSatisfy({ $0.count == bottom[0].count }) else {
      throw ForecastError.invalidParameter(
        name: "bottom", value: "\(bottom.count) series", expected: "\(self.bottom.count) series of one length"
      )
    }
    let steps = bottom[0].count
    return sums.map { sum in
      var total = [Double](repeating: 0, count: steps)
      for member in sum.members { for step in 0..<steps { total[step] += bottom[member][step] } }
      return total
    } + bottom
  }

  /// The largest distance between a sum and what its members add up to.
  public func incoherence(_ values: [[Double]]) -> Double {
    var largest = 0.0
    for (index, sum) in sums.enumerated() {
      for step in values[index].indices {
        let total = sum.members.reduce(0) { $0 + values[sums.count + $1][step] }
        largest = max(largest, abs(values[index][step] - total))
      }
    }
    return largest
  }

  private static func groups(_ names: [String], level: String) -> [Sum] {
    var members: [String: [Int]] = [:]
    for (index, name) in names.enumerated() { members[name, default: []].append(index) }
    return members.sorted { $0.key < $1.key }.map { Sum(name: $0.key, level: level, members: $0.value) }
  }

  private static func distinct(_ sums: [Sum]) -> [Sum] {
    var seen: Set<[Int]> = []
    return sums.filter { $0.members.count > 1 && seen.insert($0.members).inserted }
  }
}
