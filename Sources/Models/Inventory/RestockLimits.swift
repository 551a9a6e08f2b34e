/// One choice of each menu within a budget and a limit of room.
struct RestockLimits {
  /// A step along the concave hull of one menu.
  private struct Step {
    var menu: Int
    var to: Int
    var cost: Double
    var room: Double
    var benefit: Double
  }

  /// What a unit of each limit is worth at the optimum of the linear relaxation.
  private struct Prices {
    var money: Double
    var room: Double
  }

  private static let halvings = 40
  /// How many items around the break are weighed against each other, and how often.
  private static let (exchanged, exchanges) = (40, 50)
  private static let tolerance = 1e-9

  private let menus: [Menu]
  private let volumes: [Double]
  private let budget: Double
  private let storage: Double
  private let steps: [Step]

  init(_ menus: [Menu], volumes: [Double]?, budget: Double, storage: Double?) {
    let volumes = volumes ?? [Double](repeating: 0, count: menus.count)
    (self.menus, self.volumes, self.budget, self.storage) = (menus, volumes, budget, storage ?? .infinity)
    steps = menus.indices.flatMap { index -> [Step] in
      let hull = menus[index].hull
      return zip(hull, hull.dropFirst()).map { pair in
        let (from, to) = (menus[index].choices[pair.0], menus[index].choices[pair.1])
        return Step(
          menu: index, to: pair.1, cost: to.cost - from.cost,
          room: (to.quantity - from.quantity) * volumes[index], benefit: to.benefit - from.benefit)
      }
    }
  }

  /// The choices, and what no choice within both limits can exceed.
  func choose() -> (chosen: [Int], bound: Double) {
    let (prices, bound) = optimalPrices()
    var chosen = [Int](repeating: 0, count: menus.count)
    var (money, room) = (budget, storage)
    let edge = take(prices, &chosen, &money, &room)
    fill(&chosen, &money, &room)
    exchange(edge, &chosen, &money, &room)
    return (chosen, bound)
  }

  /// The higher the price of room, the less the relaxed plan uses: halving finds the least at which it fits.
  private func optimalPrices() -> (prices: Prices, bound: Double) {
    let free = relaxed(roomPrice: 0)
    guard free.room > storage + Self.tolerance else {
      return (Prices(money: free.price, room: 0), free.bound)
    }
    var bound = free.bound
    // At this price nothing that takes room is worth its room.
    let most = steps.reduce(0.0) { $1.room > 0 ? max($0, $1.benefit / $1.room) : $0 } + Self.tolerance
    var (low, high) = (0.0, most)
    var prices = Prices(money: relaxed(roomPrice: most).price, room: most)
    for _ in 0..<Self.halvings {
      let middle = (low + high) / 2
      let plan = relaxed(roomPrice: middle)
      bound = min(bound, plan.bound + middle * storage)
      if plan.room <= storage + Self.tolerance {
        (high, prices) = (middle, Prices(money: plan.price, room: middle))
      } else {
        low = middle
      }
    }
    return (prices, bound)
  }

  /// The best plan in parts of steps when room has a price: its room, what a unit of money more would add, and its benefit
  /// less the price of its room.
  ///
  /// Room grows with cost along a menu, so a price for room leaves the hull as it is and only ends it sooner.
  private func relaxed(roomPrice: Double) -> (room: Double, price: Double, bound: Double) {
    let gains = steps.map { $0.benefit - roomPrice * $0.room }
    let order = steps.indices.filter { gains[$0] > 0 }
      .sorted { (-gains[$0] / steps[$0].cost, $0) < (-gains[$1] / steps[$1].cost, $1) }
    var (left, room, bound) = (budget, 0.0, 0.0)
    for index in order {
      let share = max(0, min(1, left / steps[index].cost))
      room += share * steps[index].room
      bound += share * gains[index]
      if share < 1 { return (room, gains[index] / steps[index].cost, bound) }
      left -= steps[index].cost
    }
    return (room, 0, bound)
  }

  /// Takes the steps that bring most for what they use of both limits, the last of a menu in part where it does not fit.
  ///
  /// - Returns: the menus whose steps lie nearest to what was still worth taking.
  private func take(
    _ prices: Prices, _ chosen: inout [Int], _ money: inout Double, _ room: inout Double
  ) -> [Int] {
    let worth = steps.map { step -> Double in
      let price = prices.money * step.cost + prices.room * step.room
      return price > 0 ? step.benefit / price : .infinity
    }
    var blocked = [Bool](repeating: false, count: menus.count)
    for index in steps.indices.sorted(by: { (-worth[$0], $0) < (-worth[$1], $1) }) {
      let step = steps[index]
      guard !blocked[step.menu] else { continue }
      let fitting = (chosen[step.menu]...step.to).last {
        self.change(step.menu, chosen, $0).fits(money, room)
      }
      guard let to = fitting, to > chosen[step.menu] else {
        blocked[step.menu] = true
        continue
      }
      blocked[step.menu] = to < step.to
      apply(change(step.menu, chosen, to), &chosen, &money, &room)
    }
    var edge: [Int] = []
    for index in steps.indices.sorted(by: { (abs(worth[$0] - 1), $0) < (abs(worth[$1] - 1), $1) })
    where edge.count < Self.exchanged && !edge.contains(steps[index].menu) {
      edge.append(steps[index].menu)
    }
    return edge
  }

  /// Spends what is left of both limits on the best change of one item that still fits, until there is none.
  private func fill(_ chosen: inout [Int], _ money: inout Double, _ room: inout Double) {
    while let best = bestRise(menus.indices, chosen, money, room) {
      apply(best, &chosen, &money, &room)
    }
  }

  /// Orders less of one item and more of others wherever that saves more.
  private func exchange(_ edge: [Int], _ chosen: inout [Int], _ money: inout Double, _ room: inout Double) {
    for _ in 0..<Self.exchanges {
      var best: (gain: Double, chosen: [Int], money: Double, room: Double)?
      for menu in edge {
        for to in 0..<chosen[menu] {
          var (trial, left, space) = (chosen, money, room)
          let fall = change(menu, chosen, to)
          var gain = fall.gain
          apply(fall, &trial, &left, &space)
          while let rise = bestRise(edge.lazy.filter { $0 != menu }, trial, left, space) {
            gain += rise.gain
            apply(rise, &trial, &left, &space)
          }
          if gain > max(best?.gain ?? 0, Self.tolerance) { best = (gain, trial, left, space) }
        }
      }
      guard let best else { return }
      (chosen, money, room) = (best.chosen, best.money, best.room)
      fill(&chosen, &money, &room)
    }
  }

  /// Another choice of one menu.
  private struct Change {
    var menu: Int
    var to: Int
    var gain: Double
    var cost: Double
    var room: Double

    func fits(_ money: Double, _ space: Double) -> Bool {
      cost <= money + RestockLimits.tolerance && room <= space + RestockLimits.tolerance
    }
  }

  private func change(_ menu: Int, _ chosen: [Int], _ to: Int) -> Change {
    let (now, choice) = (menus[menu].choices[chosen[menu]], menus[menu].choices[to])
    return Change(
      menu: menu, to: to, gain: choice.benefit - now.benefit, cost: choice.cost - now.cost,
      room: (choice.quantity - now.quantity) * volumes[menu])
  }

  private func apply(_ change: Change, _ chosen: inout [Int], _ money: inout Double, _ room: inout Double) {
    (money, room) = (money - change.cost, room - change.room)
    chosen[change.menu] = change.to
  }

  /// The rise of one menu that fits and saves most; benefit grows along a menu, so it is each menu's last that fits.
  private func bestRise(
    _ candidates: some Sequence<Int>, _ chosen: [Int], _ money: Double, _ room: Double
  ) -> Change? {
    var best: Change?
    for menu in candidates {
      let choices = menus[menu].choices
      let now = choices[chosen[menu]]
      var (low, high) = (chosen[menu], choices.count - 1)
      while low < high {
        let middle = (low + high + 1) / 2
        let fits =
          choices[middle].cost - now.cost <= money + Self.tolerance
          && (choices[middle].quantity - now.quantity) * volumes[menu] <= room + Self.tolerance
        if fits { low = middle } else { high = middle - 1 }
      }
      guard low > chosen[menu] else { continue }
      let rise = change(menu, chosen, low)
      if rise.gain > best?.gain ?? 0 { best = rise }
    }
    return best
  }
}
