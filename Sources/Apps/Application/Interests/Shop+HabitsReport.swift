import Commerce
import Features

extension Shop {
  /// How many habits and interests are found among all customers, and how many in the same purchases with all habits taken
  /// out (`EventFrame.shufflingPurchases`).
  ///
  /// - Complexity: minutes for a large shop: everything is computed twice for every customer.
  public nonisolated func habitsReport(seed: UInt64) async throws -> JSONValue {
    try await refreshBehaviourMarket()
    let source = await habitsSource()
    guard let habits = source.habits else {
      throw ApplicationError.conflict(reason: "The shop is being read anew; ask again in a moment.")
    }
    let (category, _) = source.index.columns(for: source.frame.items)
    let shuffled = source.frame.shufflingPurchases(
      category: { category[Int($0)] }, calendar: habits.calendar, seed: seed)
    let real = Self.claims(source.frame, source)
    let chance = Self.claims(shuffled, source)
    return Self.json(real, chance, customers: source.frame.customers.count)
  }

  private struct HabitsSource: Sendable {
    let frame: EventFrame
    let items: [String: Item]
    let index: CatalogueIndex
    let settings: FeatureSettings
    let habits: BehaviourMarket?
    let asOf: Timestamp
  }

  private func habitsSource() -> HabitsSource {
    HabitsSource(
      frame: frame, items: catalogue.items, index: states.catalogue, settings: states.settings,
      habits: behaviourMarket.market, asOf: asOf)
  }

  private struct Claims {
    var tested: [String: Int] = [:]
    var found: [String: Int] = [:]
    var customers: [String: Int] = [:]
    var milliseconds = (interests: 0.0, habits: 0.0)

    mutating func note(_ name: String, tested: Int, found: Int) {
      guard tested > 0 else { return }
      self.tested[name, default: 0] += tested
      self.found[name, default: 0] += found
      if found > 0 { customers[name, default: 0] += 1 }
    }
  }

  private nonisolated static func claims(_ frame: EventFrame, _ source: HabitsSource) -> Claims {
    let habits = BehaviourMarket(
      frame, catalogue: source.index, calendar: source.settings.calendar,
      seasons: source.habits?.seasons ?? [])
    let interests = InterestMarket(frame, items: source.items, weights: source.settings)
    let (rows, starts) = frame.rowsByCustomer()
    var claims = Claims()
    let clock = ContinuousClock()
    for customer in 0..<frame.customers.count {
      let own = Array(rows[starts[customer]..<starts[customer + 1]])
      let begun = clock.now
      let patterns = habits.patterns(of: own, in: frame, asOf: source.asOf)
      let between = clock.now
      let points = interests.interests(of: own, in: frame, asOf: source.asOf, limit: 500).points
      claims.milliseconds.habits += (between - begun) / .milliseconds(1)
      claims.milliseconds.interests += (clock.now - between) / .milliseconds(1)
      for kind in BehaviourPattern.Kind.allCases {
        let own = patterns.filter { $0.kind == kind }
        claims.note("habit: \(kind.rawValue)", tested: own.count, found: own.count { $0.isFound })
      }
      claims.note("habits: all", tested: patterns.count, found: patterns.count { $0.isFound })
      for kind in InterestPoint.Kind.allCases {
        let own = points.filter { $0.point.kind == kind }
        claims.note(
          "interest: \(kind.rawValue)", tested: own.count,
          found: own.count { $0.standing == .above || $0.standing == .below })
      }
    }
    claims.milliseconds.habits /= Double(max(1, frame.customers.count))
    claims.milliseconds.interests /= Double(max(1, frame.customers.count))
    return claims
  }

  private nonisolated static func json(_ real: Claims, _ chance: Claims, customers: Int) -> JSONValue {
    let names = Set(real.tested.keys).union(chance.tested.keys).sorted()
    return [
      "customers": JSONValue(customers),
      "milliseconds": [
        "interests": JSONValue(real.milliseconds.interests), "habits": JSONValue(real.milliseconds.habits),
      ],
      "rows": .array(
        names.map { name in
          [
            "what": .string(name), "tested": JSONValue(real.tested[name] ?? 0),
            "found": JSONValue(real.found[name] ?? 0),
            "found_by_chance": JSONValue(chance.found[name] ?? 0),
            "customers": JSONValue(real.customers[name] ?? 0),
            "customers_by_chance": JSONValue(chance.customers[name] ?? 0),
          ]
        }),
    ]
  }
}
