/// Menus within a budget and a limit of room.
extension Menu {
  private static let steps = 40

  /// One choice of each menu within both limits, and what no choice can exceed.
  ///
  /// At a price for room each choice's benefit less the price of its room is a plain problem of the budget alone; its optimum plus
  /// the price of all room bounds every plan. The higher the price the less room is used: halving finds the least at which it
  /// suffices.
  static func choose(
    _ menus: [Menu], _ budget: Double, volumes: [Double], storage: Double
  ) -> (chosen: [Int], bound: Double) {
    func room(_ chosen: [Int]) -> Double {
      menus.indices.reduce(0) { $0 + menus[$1].choices[chosen[$1]].quantity * volumes[$1] }
    }
    var bound = Double.infinity
    func solve(_ price: Double) -> [Int] {
      let (chosen, relaxed) = priced(menus, budget, volumes, price)
      bound = min(bound, relaxed + price * storage)
      return chosen
    }
    let free = solve(0)
    guard room(free) > storage + 1e-9 else { return (free, bound) }
    // At this price nothing that takes room is worth its room.
    var (low, high) = (
      0.0,
      menus.indices.reduce(0) { most, index in
        volumes[index] > 0
          ? max(
            most,
            menus[index].choices.dropFirst().map { $0.benefit / ($0.quantity * volumes[index]) }.max() ?? 0)
          : most
      } + 1e-9
    )
    var best = solve(high)
    for _ in 0..<steps {
      let middle = (low + high) / 2
      let chosen = solve(middle)
      if room(chosen) <= storage + 1e-9 { (high, best) = (middle, chosen) } else { low = middle }
    }
    fill(menus, &best, budget, volumes, storage)
    return (best, bound)
  }

  /// The plan of the budget alone when room has a price, and its bound.
  private static func priced(
    _ menus: [Menu], _ budget: Double, _ volumes: [Double], _ price: Double
  ) -> (chosen: [Int], bound: Double) {
    var places: [[Int]] = []
    let reduced = menus.indices.map { index -> Menu in
      var (kept, own) = ([menus[index].choices[0]], [0])
      for (place, choice) in menus[index].choices.enumerated().dropFirst() {
        var choice = choice
        choice.benefit -= price * choice.quantity * volumes[index]
        let isBetter = choice.benefit > (kept.last?.benefit ?? 0) + 1e-12
        if isBetter || (price == 0 && place == menus[index].choices.count - 1) {
          kept.append(choice)
          own.append(place)
        }
      }
      places.append(own)
      return Menu(choices: kept)
    }
    let (chosen, bound) =
      budget.isFinite
      ? choose(reduced, budget)
      : (reduced.map { $0.choices.count - 1 }, reduced.reduce(0) { $0 + ($1.choices.last?.benefit ?? 0) })
    return (chosen.indices.map { places[$0][chosen[$0]] }, bound)
  }

  /// Spends what is left of both limits on whatever still fits and helps most.
  private static func fill(
    _ menus: [Menu], _ chosen: inout [Int], _ budget: Double, _ volumes: [Double], _ storage: Double
  ) {
    var money = budget - menus.indices.reduce(0) { $0 + menus[$1].choices[chosen[$1]].cost }
    var room = storage - menus.indices.reduce(0) { $0 + menus[$1].choices[chosen[$1]].quantity * volumes[$1] }
    while true {
      var best: (menu: Int, to: Int, gain: Double, cost: Double, room: Double)?
      for (index, menu) in menus.enumerated() {
        let now = menu.choices[chosen[index]]
        for to in chosen[index] + 1..<max(menu.choices.count, chosen[index] + 1) {
          let choice = menu.choices[to]
          let (cost, space) = (choice.cost - now.cost, (choice.quantity - now.quantity) * volumes[index])
          guard cost <= money + 1e-9, space <= room + 1e-9 else { break }
          let gain = choice.benefit - now.benefit
          if gain > best?.gain ?? 0 { best = (index, to, gain, cost, space) }
        }
      }
      guard let best else { return }
      (money, room) = (money - best.cost, room - best.room)
      chosen[best.menu] = best.to
    }
  }
}
