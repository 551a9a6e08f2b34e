import Commerce
import Foundation
import MathKernels

/// Computes the columns of `NeedFeature` for customers as of a day.
///
/// Training reads states that a replay has stopped before the day, a server reads live ones; both come through here.
///
/// ```swift
/// let features = NeedFeatures(snapshot: snapshot, space: space, settings: settings)
/// let rows = features.rows(for: [state], day: day)   // one row a category, `NeedFeature.names.count` numbers each
/// ```
public struct NeedFeatures: Sendable {
  /// The market as of the day the features are read against.
  public let snapshot: MarketSnapshot
  /// The categories.
  public let space: CategorySpace
  private let settings: FeatureSettings
  private let template: [Float]
  private let base: [Float]
  private let restPace: [Float]
  private let earlierRest: [Double]
  private let restActivity: Double

  @inline(__always)
  private static func at(_ feature: NeedFeature) -> Int { feature.rawValue }

  /// How many columns there are.
  public static let width = NeedFeature.allCases.count

  /// Features against a snapshot.
  public init(snapshot: MarketSnapshot, space: CategorySpace, settings: FeatureSettings) {
    self.snapshot = snapshot
    self.space = space
    self.settings = settings
    template = Self.template(snapshot, categories: space.count)
    base = NextWindowMap.base(priors: snapshot.priors, categories: space.count)
    // How many categories a customer without purchases was expected to buy in the last 28 days.
    earlierRest =
      snapshot.earlierPriors.map { priors in
        (0..<space.count).map { -expm1(-priors.expected(column: $0, decayed: 0, days: 28)) }
      } ?? []
    restActivity = earlierRest.reduce(0, +)
    restPace = (0..<space.count).map { column in
      Float(-expm1(-snapshot.expected(DecayTable.h120, column: column, decayed: 0)))
    }
  }

  /// The rows of all categories for customers as of a day, customer after customer.
  ///
  /// - Complexity: O(customers × categories × (columns + categories / 8)), on the caller's thread.
  public func rows(for states: some RandomAccessCollection<CustomerState>, day: Int32) -> [Float] {
    let (categories, width) = (space.count, Self.width)
    let mapWidth = NextWindowMap.width(categories: categories)
    var rows: [Float] = []
    rows.reserveCapacity(states.count * categories * width)
    for _ in 0..<states.count { rows.append(contentsOf: template) }
    var described = [Float](repeating: 0, count: snapshot.map == nil ? 0 : states.count * mapWidth)
    var paces = [Float](repeating: 0, count: states.count * categories)
    for (index, state) in states.enumerated() {
      let part = fill(state, day: day, rows: &rows, at: index * categories * width)
      for column in 0..<categories { paces[index * categories + column] = restPace[column] }
      for pair in part {
        let row = (index * categories + Int(pair.column)) * width
        paces[index * categories + Int(pair.column)] = -expm1(-rows[row + Self.at(.pace120)])
      }
      guard snapshot.map != nil, !state.visits.isEmpty else { continue }
      described.withUnsafeMutableBufferPointer { described in
        guard let row = described.baseAddress.map({ $0 + index * mapWidth }) else { return }
        base.withUnsafeBufferPointer {
          row.update(from: $0.baseAddress ?? UnsafePointer(row), count: mapWidth)
        }
        NextWindowMap.describe(part, priors: snapshot.priors, categories: categories, into: row)
      }
    }
    addNextWindow(described, paces: paces, customers: states.count, rows: &rows)
    addAffinity(customers: states.count, rows: &rows)
    return rows
  }

  private func addNextWindow(_ described: [Float], paces: [Float], customers: Int, rows: inout [Float]) {
    var mapped = [Float](repeating: 0, count: paces.count)
    if let map = snapshot.map {
      mapped.withUnsafeMutableBufferPointer { mapped in
        described.withUnsafeBufferPointer { described in
          guard let source = described.baseAddress, let target = mapped.baseAddress else { return }
          map.apply(source, customers: customers, categories: space.count, into: target)
        }
      }
    }
    for index in paces.indices {
      rows[index * Self.width + Self.at(.nextWindow)] = mapped[index] + paces[index]
    }
  }

  /// The categories a customer has bought whose purchases speak most for another category, strongest first.
  ///
  /// What the next window's map adds for each of them; those that speak against it are left out.
  public func relatedColumns(of state: CustomerState, to target: Int, day: Int32, limit: Int) -> [Int] {
    guard let map = snapshot.map else { return [] }
    let categories = space.count
    var found: [(column: Int, weight: Float)] = []
    for (index, category) in state.categories.enumerated() {
      guard let column = space.column(ofCategory: category) else { continue }
      let values = PairValues(state.histories[index], before: day)
      guard values.count > 0 else { continue }
      var weight: Float = 0
      for (part, halfLife) in NextWindowMap.halfLives.enumerated() {
        let expected = snapshot.expected(halfLife, column: column, decayed: values.decayed(halfLife))
        let place = part * categories + column
        weight += (Float(-expm1(-expected)) - base[place]) * map.weights[place * categories + target]
      }
      if weight > 0 { found.append((column, weight)) }
    }
    return found.sorted { ($1.weight, $0.column) < ($0.weight, $1.column) }.prefix(limit).map(\.column)
  }

  private func addAffinity(customers: Int, rows: inout [Float]) {
    guard let taste = snapshot.taste else { return }
    let categories = space.count
    var vectors = [Float](repeating: 0, count: customers * categories)
    for index in vectors.indices { vectors[index] = log1p(rows[index * Self.width + Self.at(.decayed120)]) }
    for customer in 0..<customers {
      TasteMap.normalize(&vectors, at: customer * categories..<(customer + 1) * categories)
    }
    let fitted = taste.apply(vectors, customers: customers, categories: categories)
    for index in fitted.indices { rows[index * Self.width + Self.at(.affinity)] = fitted[index] }
  }

  /// Writes everything but the next window's map for one customer; returns the pairs that occur.
  private func fill(_ state: CustomerState, day: Int32, rows: inout [Float], at start: Int) -> [SparsePair] {
    var pairs: [SparsePair] = []
    var months = (recent: 0, quarter: 0, new: 0)
    var groups = [Double](repeating: 0, count: space.groupNames.count)
    let customer = CustomerValues(state, before: day)
    let decayedVisits = customer.decayedVisits / snapshot.priors[DecayTable.h120].reached
    let moment = settings.calendar.start(ofDay: day).milliseconds
    var activity = (expected: restActivity, seen: 0)
    for (index, category) in state.categories.enumerated() {
      guard let column = space.column(ofCategory: category) else { continue }
      let history = state.histories[index]
      let row = start + column * Self.width
      if !history.interest.isEmpty {
        rows[row + Self.at(.interest)] = Float(history.interest(at: moment, settings: settings))
      }
      let values = PairValues(history, before: day)
      guard values.count > 0 else { continue }
      write(values, column: column, rows: &rows, at: row)
      pairs.append(SparsePair(column: column, values: values))
      groups[Int(space.groups[column])] += Double(rows[row + Self.at(.decayed120)])
      months.recent += values.counts.d28 > 0 ? 1 : 0
      months.quarter += values.counts.d112 > 0 ? 1 : 0
      if let first = values.sinceFirst, first <= 28 { months.new += 1 }
      updateActivity(&activity, history: history, column: column, day: day, recent: values.counts.d28)
    }
    for column in 0..<space.count {
      let row = start + column * Self.width
      rows[row + Self.at(.groupAffinity)] = Float(
        groups[Int(space.groups[column])] - Double(rows[row + Self.at(.decayed120)]))
    }
    write(customer, months: months, decayedVisits: decayedVisits, activity: activity, rows: &rows, at: start)
    return pairs
  }

  private func write(_ values: PairValues, column: Int, rows: inout [Float], at row: Int) {
    let decayed120 = values.decayed.h120 / snapshot.priors[DecayTable.h120].reached
    let gaps = max(0, values.count - 1)
    // Two gaps of the category's mean length steady a pair's own.
    let steadyGap = (Double(values.gapSum) + 2 * snapshot.meanGap[column]) / Double(gaps + 2)
    let recency = Double(values.recency ?? 0)
    rows[row + Self.at(.pace120)] = Float(
      snapshot.expected(DecayTable.h120, column: column, decayed: values.decayed.h120))
    rows[row + Self.at(.cellRate)] = Float(snapshot.cellRates[column * PairValues.cellCount + values.cell])
    rows[row + Self.at(.decayed120)] = Float(decayed120)
    rows[row + Self.at(.decayed30)] = Float(values.decayed.h30 / snapshot.priors[DecayTable.h30].reached)
    rows[row + Self.at(.purchases)] = Float(values.count)
    rows[row + Self.at(.recency)] = Float(recency)
    rows[row + Self.at(.meanGap)] = values.meanGap.map(Float.init) ?? .nan
    rows[row + Self.at(.gapVariation)] = values.gapVariation.map(Float.init) ?? .nan
    rows[row + Self.at(.overdue)] = Float(recency / steadyGap)
    rows[row + Self.at(.resumption)] = Float(values.resumption)
    rows[row + Self.at(.sinceFirst)] = values.sinceFirst.map(Float.init) ?? .nan
    rows[row + Self.at(.spendPerPurchase)] = Float(Double(values.spend) / Double(values.count) / 100)
  }

  private func write(
    _ customer: CustomerValues, months: (recent: Int, quarter: Int, new: Int), decayedVisits: Double,
    activity: (expected: Double, seen: Int), rows: inout [Float], at start: Int
  ) {
    let overdue = customer.recency.map { Double($0) / max(customer.meanGap ?? 1, 1) }
    let values: [(Int, Float)] = [
      (Self.at(.customerCategories112), Float(months.quarter)),
      (Self.at(.customerCategories28), Float(months.recent)),
      (Self.at(.customerNew28), Float(months.new)),
      (Self.at(.customerTenure), customer.tenure.map(Float.init) ?? .nan),
      (Self.at(.customerOverdue), overdue.map(Float.init) ?? .nan),
      (Self.at(.customerRecency), customer.recency.map(Float.init) ?? .nan),
      (Self.at(.customerGap), customer.meanGap.map(Float.init) ?? .nan),
      (Self.at(.customerVisits14), Float(customer.visits14)),
      (Self.at(.customerVisits28), Float(customer.visits28)),
      (Self.at(.customerDecayedVisits), Float(decayedVisits)),
      (Self.at(.customerSpend28), Float(Double(customer.spend28) / 100)),
      (Self.at(.customerActivity), Float((Double(activity.seen) + 3) / (activity.expected + 3))),
    ]
    for column in 0..<space.count {
      let row = start + column * Self.width
      for (place, value) in values { rows[row + place] = value }
    }
  }

  /// Moves the expected number of categories from that of a stranger to the customer's own as of 28 days ago.
  private func updateActivity(
    _ activity: inout (expected: Double, seen: Int), history: CategoryHistory, column: Int, day: Int32,
    recent: Int
  ) {
    activity.seen += recent > 0 ? 1 : 0
    guard let priors = snapshot.earlierPriors else { return }
    let decayed = PairValues(history, before: day - MarketTimeline.windowDays).decayed.h120
    activity.expected +=
      -expm1(-priors.expected(column: column, decayed: decayed, days: 28))
      - earlierRest[column]
  }

  private static func template(_ snapshot: MarketSnapshot, categories: Int) -> [Float] {
    var rows = [Float](repeating: 0, count: categories * width)
    for column in 0..<categories {
      let row = column * width
      rows[row + Self.at(.pace120)] = Float(snapshot.expected(DecayTable.h120, column: column, decayed: 0))
      rows[row + Self.at(.cellRate)] = Float(snapshot.cellRates[column * PairValues.cellCount])
      for place in [
        Self.at(.recency), Self.at(.meanGap), Self.at(.gapVariation), Self.at(.overdue), Self.at(.resumption),
        Self.at(.sinceFirst),
        Self.at(.spendPerPurchase),
      ] { rows[row + place] = .nan }
      rows[row + Self.at(.popularity7)] = Float(snapshot.popularity7[column])
      rows[row + Self.at(.popularity28)] = Float(snapshot.popularity28[column])
      rows[row + Self.at(.trend)] = Float(snapshot.trend[column])
      rows[row + Self.at(.newShare)] = Float(snapshot.newShare[column])
      rows[row + Self.at(.repeatShare)] = Float(snapshot.repeatShare[column])
      rows[row + Self.at(.categoryGap)] = Float(snapshot.meanGap[column])
    }
    return rows
  }
}
