import Analytics
import Commerce
import MathKernels
import Testing

/// Credits by every model, by hand and beside brute force.
@Suite struct AttributionTests {
  private static let models = ["first", "last", "linear", "time_decay", "position", "markov", "shapley"]

  /// Random customers with touches on three channels and purchases in the shop.
  private func shop(_ seed: UInt64) -> TinyShop {
    var (random, shop) = (RandomSource(seed: seed), TinyShop())
    for customer in 0..<30 {
      for number in 0..<1 + random.index(below: 7) {
        let time = "2017-01-\(10 + number)T\(10 + random.index(below: 10)):00:00Z"
        if random.index(below: 4) == 0 {
          shop.add("c\(customer)", .purchase, time, amount: Double(1 + random.index(below: 50)))
        } else {
          shop.add("c\(customer)", .view, time, channel: ["web", "app", "mail"][random.index(below: 3)])
        }
      }
    }
    return shop
  }

  private func credits(_ data: AnalyticsData, _ more: [String: JSONValue] = [:]) throws -> (
    AnalysisTable, AnalysisResult
  ) {
    let part = JSONValue.object(["touch": "view"].merging(more) { $1 })
    let result = try answer(["analysis": "attribution", "attribution": part], data)
    return (try #require(result.table("credits")), result)
  }

  @Test func aJourneyIsSharedAsEachModelSays() throws {
    var shop = TinyShop()
    for (day, channel) in [("01", "web"), ("08", "app"), ("15", "app"), ("15", "mail")] {
      shop.add("ann", .view, "2017-01-\(day)T12:00:00Z", channel: channel)
    }
    shop.add("ann", .purchase, "2017-01-15T12:00:00Z", order: "o", amount: 60)
    shop.add("ann", .purchase, "2017-01-15T12:00:00Z", order: "o", amount: 40)
    let (table, result) = try credits(shop.data())
    #expect(result.sample["conversions"] == 1)
    func shares(_ model: String) -> [Double] {
      ["web", "app", "mail"].map { touch in
        table.row(["model": .string(model), "touch": .string(touch)]).flatMap {
          table.value($0, "value")?.number
        } ?? .nan
      }
    }
    #expect(shares("first") == [100, 0, 0])
    #expect(shares("last") == [0, 0, 100])
    #expect(shares("linear") == [25, 50, 25])
    // Weights 1/4, 1/2 + 1, 1 with a half-life of a week.
    for (share, expected) in zip(shares("time_decay"), [0.25, 1.5, 1].map { $0 / 2.75 * 100 }) {
      #expect(abs(share - expected) < 1e-9)
    }
    #expect(zip(shares("position"), [40, 20, 40]).allSatisfy { abs($0 - $1) < 1e-9 })
    #expect(shares("shapley").allSatisfy { abs($0 - 100.0 / 3) < 1e-9 })
  }

  @Test(arguments: 0..<20)
  func everyModelGivesAwayAllConversionsAndAllMoney(_ seed: UInt64) throws {
    let (table, result) = try credits(shop(seed).data(), ["lookback_days": 3])
    let attributed = try #require(result.sample["attributed"]?.number)
    let value = try #require(result.sample["value"]?.number)
    for model in Self.models {
      let rows = table.rows.indices.filter { table.value($0, "model") == .string(model) }
      let sums = ["conversions", "value"].map { column in
        rows.reduce(0) { $0 + table.value($1, column)!.number! }
      }
      #expect(abs(sums[0] - attributed) < 1e-9, "\(model)")
      #expect(abs(sums[1] - value) < 1e-7, "\(model)")
    }
  }

  @Test(arguments: 0..<20)
  func shapleyCreditsAreTheMeanContributionOverAllOrders(_ seed: UInt64) throws {
    let data = try shop(seed).data()
    let (table, _) = try credits(data)
    // What each conversion's journey needs, by going through the events.
    var needs: [Set<String>] = []
    for customer in 0..<data.frame.customers.count {
      var seen: Set<String> = []
      let rows = (0..<data.frame.count).filter { data.frame.customer[$0] == Int32(customer) }
      for row in rows.sorted(by: { (data.frame.timestamp[$0], $0) < (data.frame.timestamp[$1], $1) }) {
        if data.frame.kind[row] == EventKind.view.code {
          seen.insert(data.frame.channels[data.frame.channel[row]])
        }
        if data.frame.kind[row] == EventKind.purchase.code, !seen.isEmpty { needs.append(seen) }
      }
    }
    func worth(_ coalition: Set<String>) -> Double { Double(needs.count { $0.isSubset(of: coalition) }) }
    var mean: [String: Double] = [:]
    let orders = [
      ["web", "app", "mail"], ["web", "mail", "app"], ["app", "web", "mail"], ["app", "mail", "web"],
      ["mail", "web", "app"], ["mail", "app", "web"],
    ]
    for order in orders {
      var coalition: Set<String> = []
      for channel in order {
        mean[channel, default: 0] += (worth(coalition.union([channel])) - worth(coalition)) / 6
        coalition.insert(channel)
      }
    }
    for (channel, expected) in mean {
      let row = try #require(table.row(["model": "shapley", "touch": .string(channel)]))
      #expect(abs(table.value(row, "conversions")!.number! - expected) < 1e-9)
    }
  }

  @Test(arguments: 0..<20)
  func removalEffectsAgreeWithWalkingTheChainForAsLongAsItTakes(_ seed: UInt64) {
    var random = RandomSource(seed: seed)
    let points = 1 + random.index(below: 4)
    let width = points + 3
    var moves = [Int](repeating: 0, count: width * width)
    for state in 0...points {
      // A journey begins with a touch.
      for other in 1..<(state == 0 ? points + 1 : width) {
        moves[state * width + other] = random.index(below: 5)
      }
    }
    func walked(without removed: Int?) -> Double {
      var mass = [Double](repeating: 0, count: width)
      mass[0] = 1
      for _ in 0..<5000 {
        var next = [Double](repeating: 0, count: width)
        next[points + 1] = mass[points + 1]
        next[points + 2] = mass[points + 2]
        for state in 0...points where mass[state] > 0 {
          let counts = moves[state * width..<(state + 1) * width]
          let total = Double(counts.reduce(0, +))
          if total == 0 || state == removed.map({ $0 + 1 }) { continue }
          for other in 1..<width { next[other] += mass[state] * Double(moves[state * width + other]) / total }
        }
        mass = next
      }
      return mass[points + 1]
    }
    let chain = MarkovChain(moves: moves, points: points)
    #expect(abs(chain.conversion() - walked(without: nil)) < 1e-9)
    for point in 0..<points { #expect(abs(chain.conversion(without: point) - walked(without: point)) < 1e-9) }
    let shares = chain.removalShares()
    #expect(shares.allSatisfy { $0 >= 0 })
    #expect(chain.conversion() == 0 || abs(shares.reduce(0, +) - 1) < 1e-9)
  }
}
