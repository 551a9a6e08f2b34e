import Commerce
import Learning
import MathKernels

/// A user's dealing with an item, with external ids.
public struct Interaction: Sendable, Codable, Equatable {
  /// Who.
  public var user: String
  /// With what.
  public var item: String
  /// When, in UTC milliseconds; any increasing number where only the order is known.
  public var timestamp: Int64
  /// How much it says about the user's liking; 1 is a purchase.
  public var weight: Float

  /// One dealing.
  public init(user: String, item: String, timestamp: Int64 = 0, weight: Float = 1) {
    self.user = user
    self.item = item
    self.timestamp = timestamp
    self.weight = weight
  }
}

/// What recommenders learn from: users × items × time × weight, stored user by user in time order.
///
/// ```swift
/// let data = Interactions([Interaction(user: "ann", item: "tea"), Interaction(user: "ann", item: "milk")])
/// data.rows(ofUser: 0)   // 0..<2
/// ```
public struct Interactions: Sendable {
  /// Users by index.
  public let users: Vocabulary
  /// Items by index; items without interactions may be among them.
  public let items: Vocabulary
  /// Where each user's rows start, and one more entry for the end.
  public let userStarts: [Int]
  /// The item's index of each row.
  public let item: [Int32]
  /// The time of each row in UTC milliseconds.
  public let timestamp: [Int64]
  /// The weight of each row; finite, at most a million in size, so that no sum of products overflows.
  public let weight: [Float]

  /// How many rows there are.
  public var count: Int { item.count }

  /// Rows in any order; those of one user with one time keep the order given.
  public init(_ rows: some Sequence<Interaction>) {
    var (users, items) = (Vocabulary(), Vocabulary())
    var (user, item): ([Int32], [Int32]) = ([], [])
    var timestamp: [Int64] = []
    var weight: [Float] = []
    for row in rows {
      user.append(users.insert(row.user))
      item.append(items.insert(row.item))
      timestamp.append(row.timestamp)
      weight.append(row.weight)
    }
    self.init(users: users, items: items, user: user, item: item, timestamp: timestamp, weight: weight)
  }

  /// Coded columns in any order; a weight that is not finite counts as 0, one beyond a million as a
  /// million.
  ///
  /// - Complexity: O(n), and O(n log n) where a user's rows are not in time order.
  public init(
    users: Vocabulary, items: Vocabulary, user: [Int32], item: [Int32], timestamp: [Int64], weight: [Float]
  ) {
    precondition(
      user.count == item.count && item.count == timestamp.count && item.count == weight.count,
      "the columns of interactions have one length")
    var starts = [Int](repeating: 0, count: users.count + 1)
    for index in user { starts[Int(index) + 1] += 1 }
    for index in 0..<users.count { starts[index + 1] += starts[index] }
    var next = starts
    var order = [Int](repeating: 0, count: user.count)
    for row in user.indices {
      order[next[Int(user[row])]] = row
      next[Int(user[row])] += 1
    }
    for index in 0..<users.count {
      let part = starts[index]..<starts[index + 1]
      let isSorted = part.dropFirst().allSatisfy { timestamp[order[$0 - 1]] <= timestamp[order[$0]] }
      if !isSorted { order[part].sort { (timestamp[$0], $0) < (timestamp[$1], $1) } }
    }
    self.users = users
    self.items = items
    userStarts = starts
    self.item = order.map { item[$0] }
    self.timestamp = order.map { timestamp[$0] }
    self.weight = order.map { weight[$0].isFinite ? min(max(weight[$0], -1e6), 1e6) : 0 }
  }

  private init(_ source: Interactions, rows: [Int]) {
    users = source.users
    items = source.items
    var starts = [0]
    var position = 0
    for index in 0..<source.users.count {
      while position < rows.count, rows[position] < source.userStarts[index + 1] { position += 1 }
      starts.append(position)
    }
    userStarts = starts
    item = rows.map { source.item[$0] }
    timestamp = rows.map { source.timestamp[$0] }
    weight = rows.map { source.weight[$0] }
  }

  /// Some of the rows, given in ascending order; users and items keep their indices.
  public func selecting(_ rows: [Int]) -> Interactions { Interactions(self, rows: rows) }

  /// The rows of one user, oldest first.
  public func rows(ofUser user: Int) -> Range<Int> { userStarts[user]..<userStarts[user + 1] }

  /// How often each item occurs.
  public var itemCounts: [Int] {
    var counts = [Int](repeating: 0, count: items.count)
    for index in item { counts[Int(index)] += 1 }
    return counts
  }

  /// Users × items with the positive weights of each pair added up.
  public var matrix: SparseMatrix {
    var (rowOf, columnOf): ([Int32], [Int32]) = ([], [])
    var values: [Float] = []
    for user in 0..<users.count {
      for row in rows(ofUser: user) where weight[row] > 0 {
        rowOf.append(Int32(user))
        columnOf.append(item[row])
        values.append(weight[row])
      }
    }
    return SparseMatrix(
      rows: users.count, columns: items.count, rowIndices: rowOf, columnIndices: columnOf, values: values)
  }

  /// The same data give the same fingerprint.
  public var fingerprint: String {
    var sum = Checksum()
    for start in userStarts { sum.update(Int64(start)) }
    for row in 0..<count {
      sum.update(item[row])
      sum.update(timestamp[row])
      sum.update(weight[row].bitPattern)
    }
    return sum.hexadecimal
  }

  /// Refuses data without a single positive interaction.
  func requireSomething() throws {
    guard weight.contains(where: { $0 > 0 }) else {
      throw LearningError.notEnoughData(
        needed: "at least one interaction of positive weight", found: "\(count) rows")
    }
  }
}

extension Interactions {
  /// The interactions of a shop's events: those with a customer and an item whose kind has a weight.
  ///
  /// - Parameters:
  ///   - weights: what each kind says about liking; kinds that are missing or 0 are left out.
  ///   - before: only events before this moment.
  public init(
    _ frame: EventFrame, weights: [EventKind: Double] = EventKind.defaultWeights, before: Timestamp? = nil
  ) {
    var weightOf = [Float](repeating: 0, count: 256)
    for (kind, value) in weights { weightOf[Int(kind.code)] = Float(value) }
    var (user, item): ([Int32], [Int32]) = ([], [])
    var timestamp: [Int64] = []
    var weight: [Float] = []
    let end = before?.milliseconds ?? .max
    for row in 0..<frame.count {
      let value = weightOf[Int(frame.kind[row])]
      guard value != 0, frame.customer[row] >= 0, frame.item[row] >= 0, frame.timestamp[row] < end else {
        continue
      }
      user.append(frame.customer[row])
      item.append(frame.item[row])
      timestamp.append(frame.timestamp[row])
      weight.append(value)
    }
    self.init(
      users: frame.customers, items: frame.items, user: user, item: item, timestamp: timestamp, weight: weight
    )
  }
}

extension EventKind {
  /// `defaultWeight` of every kind.
  public static let defaultWeights = Dictionary(uniqueKeysWithValues: allCases.map { ($0, $0.defaultWeight) })
}
