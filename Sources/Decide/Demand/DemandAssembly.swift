import Commerce
import Forecasting
import MathKernels

/// Chooses methods from what every one said, and makes the forecasts with their errors of it.
struct DemandAssembly {
  private let readings: [DemandReading]
  private let origins: [Int]
  private let configuration: DemandForecasting.Configuration
  private let horizon: Int
  private let weeks: Int
  /// Of the readings that have folds, their places.
  private let forecast: [Int]
  private let choice: DemandChoice

  init(_ readings: [DemandReading], origins: [Int], configuration: DemandForecasting.Configuration) {
    (self.readings, self.origins, self.configuration) = (readings, origins, configuration)
    horizon = configuration.horizon
    weeks = readings.first?.units.count ?? 0
    forecast = readings.indices.filter { readings[$0].folds != nil }
    choice = DemandChoice(
      subjects: readings.compactMap(\.folds), origins: origins, horizon: configuration.horizon,
      shrinkage: configuration.shrinkage)
  }

  /// One value of a backtest against what the choice said of it.
  struct Miss {
    var origin: Int
    var step: Int
    var error: Double
    var scale: Double
  }

  func forecasts(_ history: DemandHistory, asOf: Timestamp) -> DemandForecasts {
    let chosenAt = origins.map { choice.methods(at: $0) }
    let chosen = choice.methods(at: weeks)
    let spreads = origins.map { usualSpread(before: $0) }
    let all = choice.subjects.indices.map { index in
      misses(index, chosen: chosenAt.map { $0[index] }, spreads: spreads)
    }
    let groups = errorGroups(all, before: weeks)
    let last = usualSpread(before: weeks)
    var outlooks = readings.map(Self.bareOutlook)
    for (index, place) in forecast.enumerated() {
      let folds = choice.subjects[index]
      guard let method = chosen[index], let mean = folds.next[method] else { continue }
      outlooks[place].model = folds.methods.names[method]
      outlooks[place].mean = mean
      outlooks[place].scale = DemandScale.usual(folds, before: weeks, spreads: last)
      outlooks[place].group = folds.group
      outlooks[place].backtest = backtest(
        index, all[index], chosen: chosenAt.map { $0[index] },
        group: groups.first { $0.name == folds.group })
    }
    let held = coverage(all)
    return DemandForecasts(
      asOf: asOf, firstMonday: history.firstMonday, weeks: weeks, horizon: horizon,
      currency: history.currency,
      outlooks: outlooks, errors: groups,
      report: DemandForecasts.Report(
        methods: methodTable(chosen), chosen: chosenRow(all), coverage: held.shares,
        coverageCount: held.count, seconds: 0))
  }

  private static func bareOutlook(_ reading: DemandReading) -> DemandOutlook {
    DemandOutlook(
      subject: reading.subject, category: reading.category, demandClass: reading.demandClass,
      units: reading.keptUnits, soldOut: reading.soldOut, model: nil, mean: nil, scale: 0, group: "",
      backtest: nil, sufficiency: reading.sufficiency, weeksWithSales: reading.weeksWithSales,
      firstWeek: reading.firstWeek, anomalies: reading.anomalies, drivers: reading.drivers)
  }

  // MARK: Errors

  private func usualSpread(before week: Int) -> [String: Double] {
    var spreads: [String: [Double]] = [:]
    for folds in choice.subjects where week - folds.first >= SubjectFolds.fewest {
      let own = DemandScale.own(folds, before: week)
      spreads[folds.group, default: []].append(own.variance / own.level)
    }
    return spreads.mapValues { Statistics.median($0) }
  }

  private func misses(_ index: Int, chosen: [Int?], spreads: [[String: Double]]) -> [Miss] {
    let folds = choice.subjects[index]
    return origins.indices.flatMap { place -> [Miss] in
      guard let said = folds.said[place], let method = chosen[place], let mean = said[method] else {
        return []
      }
      let scale = DemandScale.usual(folds, before: origins[place], spreads: spreads[place])
      return folds.targets(origins[place], horizon: horizon, before: weeks).map { week in
        Miss(
          origin: origins[place], step: week - origins[place],
          error: folds.values[week] - mean[week - origins[place]], scale: scale)
      }
    }
  }

  /// The errors of each group of targets before a week.
  private func errorGroups(_ misses: [[Miss]], before week: Int) -> [DemandErrorGroup] {
    var byGroup: [String: (byWeek: [[Double]], together: [[Double]])] = [:]
    let empty = [[Double]](repeating: [], count: horizon)
    for (folds, own) in zip(choice.subjects, misses) {
      var lists = byGroup[folds.group] ?? (empty, empty)
      var (sum, origin) = (0.0, -1)
      for miss in own where miss.origin + miss.step < week {
        if miss.origin != origin { (sum, origin) = (0, miss.origin) }
        sum += miss.error
        guard miss.error.isFinite else { continue }
        lists.byWeek[miss.step].append(miss.error / miss.scale)
        if sum.isFinite {
          lists.together[miss.step].append(sum / miss.scale / Double(miss.step + 1).squareRoot())
        }
      }
      byGroup[folds.group] = lists
    }
    return byGroup.sorted { $0.key < $1.key }.map {
      DemandErrorGroup(name: $0.key, byWeek: $0.value.byWeek, together: $0.value.together)
    }
  }

  /// How many of the last weeks' values lie inside the intervals that were learned before them.
  private func coverage(_ misses: [[Miss]]) -> (shares: [String: Double], count: Int) {
    guard let origin = origins.last(where: { $0 + horizon <= weeks }), origin != origins.first else {
      return ([:], 0)
    }
    let groups = Dictionary(uniqueKeysWithValues: errorGroups(misses, before: origin).map { ($0.name, $0) })
    var (inside80, inside95, count) = (0, 0, 0)
    for (folds, own) in zip(choice.subjects, misses) {
      guard let group = groups[folds.group] else { continue }
      for miss in own where miss.origin == origin && miss.error.isFinite {
        count += 1
        if Self.isInside(miss, group, 0.8) { inside80 += 1 }
        if Self.isInside(miss, group, 0.95) { inside95 += 1 }
      }
    }
    guard count > 0 else { return ([:], 0) }
    return (
      ["80": Double(inside80) / Double(count), "95": Double(inside95) / Double(count)], count
    )
  }

  private static func isInside(_ miss: Miss, _ group: DemandErrorGroup, _ level: Double) -> Bool {
    let ends = group.interval(step: miss.step, level: level)
    return ends.lower * miss.scale <= miss.error && miss.error <= ends.upper * miss.scale
  }

  // MARK: Figures

  private static let keptFolds = 6

  private func backtest(
    _ index: Int, _ misses: [Miss], chosen: [Int?], group: DemandErrorGroup?
  ) -> SubjectBacktest? {
    let folds = choice.subjects[index]
    let known = misses.filter(\.error.isFinite)
    guard !known.isEmpty else { return nil }
    let scales = Dictionary(
      Set(known.map(\.origin)).map { ($0, (folds.naiveError(before: $0), folds.naiveSquare(before: $0))) },
      uniquingKeysWith: { first, _ in first })
    func scaled(_ misses: [Miss], _ measure: (Miss) -> Double?) -> Double? {
      let values = misses.compactMap(measure)
      return values.isEmpty ? nil : Statistics.mean(values)
    }
    func absolute(_ miss: Miss) -> Double? { scales[miss.origin]?.0.map { abs(miss.error) / $0 } }
    let tested = methodErrors(folds)
    return SubjectBacktest(
      origins: Set(known.map(\.origin)).count, mase: scaled(known, absolute),
      rmsse: scaled(known) { miss in scales[miss.origin]?.1.map { miss.error * miss.error / $0 } }?
        .squareRoot(),
      smape: Statistics.mean(known.map { smape($0, folds) }),
      bias: scaled(known) { miss in scales[miss.origin]?.0.map { -miss.error / $0 } },
      baselineMASE: tested.first { $0.model == folds.methods.names[folds.methods.baseline] }?.mase,
      coverage80: share(known, group, 0.8), coverage95: share(known, group, 0.95),
      byStep: (0..<horizon).map { step in scaled(known.filter { $0.step == step }, absolute) },
      folds: keptFolds(folds, chosen),
      methods: tested.sorted { ($0.mase ?? .infinity, $0.model) < ($1.mase ?? .infinity, $1.model) })
  }

  private func share(_ misses: [Miss], _ group: DemandErrorGroup?, _ level: Double) -> Double {
    guard let group else { return 0 }
    return Double(misses.count { Self.isInside($0, group, level) }) / Double(misses.count)
  }

  private func smape(_ miss: Miss, _ folds: SubjectFolds) -> Double {
    let actual = folds.values[miss.origin + miss.step]
    let sum = abs(actual) + abs(actual - miss.error)
    return sum > 0 ? 200 * abs(miss.error) / sum : 0
  }

  private func keptFolds(_ folds: SubjectFolds, _ chosen: [Int?]) -> [SubjectBacktest.Fold] {
    origins.indices.suffix(Self.keptFolds + horizon / 2).compactMap { place in
      guard let said = folds.said[place], let method = chosen[place], let mean = said[method] else {
        return nil
      }
      let targets = folds.targets(origins[place], horizon: horizon, before: weeks)
      return SubjectBacktest.Fold(
        week: origins[place], actual: targets.map { folds.values[$0].isNaN ? 0 : folds.values[$0] },
        mean: Array(mean.prefix(targets.count)))
    }.filter { $0.actual.count == horizon }.suffix(Self.keptFolds).map { $0 }
  }

  /// The scaled absolute error of every method of a subject, over all origins.
  private func methodErrors(_ folds: SubjectFolds) -> [SubjectBacktest.Method] {
    let rows = errors(folds)
    return folds.methods.names.indices.map {
      SubjectBacktest.Method(model: folds.methods.names[$0], mase: rows[$0]?.mase)
    }
  }

  /// By method, the mean scaled absolute and squared errors; nil where it never spoke.
  private func errors(_ folds: SubjectFolds) -> [(mase: Double, msse: Double)?] {
    var sums = [(absolute: Double, square: Double, count: Double)](
      repeating: (0, 0, 0), count: folds.methods.names.count)
    for (place, origin) in origins.enumerated() {
      guard let said = folds.said[place], let scale = folds.naiveError(before: origin),
        let square = folds.naiveSquare(before: origin)
      else { continue }
      for week in folds.targets(origin, horizon: horizon, before: weeks) where !folds.values[week].isNaN {
        for method in sums.indices {
          guard let mean = said[method] else { continue }
          let error = abs(mean[week - origin] - folds.values[week])
          sums[method].absolute += error / scale
          sums[method].square += error * error / square
          sums[method].count += 1
        }
      }
    }
    return sums.map { $0.count > 0 ? ($0.absolute / $0.count, $0.square / $0.count) : nil }
  }

  private func methodTable(_ chosen: [Int?]) -> [DemandForecasts.Report.Method] {
    var counts: [String: Int] = [:]
    var sums: [String: (mase: Double, rmsse: Double, weight: Double, count: Double)] = [:]
    for (index, folds) in choice.subjects.enumerated() {
      if let method = chosen[index] { counts[folds.methods.names[method], default: 0] += 1 }
      let weight = readings[forecast[index]].spent
      for (name, error) in zip(folds.methods.names, errors(folds)) {
        guard let error else { continue }
        var sum = sums[name] ?? (0, 0, 0, 0)
        sum.mase += error.mase
        sum.rmsse += weight * error.msse.squareRoot()
        (sum.weight, sum.count) = (sum.weight + weight, sum.count + 1)
        sums[name] = sum
      }
    }
    return sums.map { name, sum in
      DemandForecasts.Report.Method(
        model: name, subjects: counts[name] ?? 0, mase: sum.mase / max(1, sum.count),
        wrmsse: sum.weight > 0 ? sum.rmsse / sum.weight : 0)
    }.sorted { ($0.wrmsse, $0.model) < ($1.wrmsse, $1.model) }
  }

  private func chosenRow(_ misses: [[Miss]]) -> DemandForecasts.Report.Method {
    var (mase, rmsse, weights, count) = (0.0, 0.0, 0.0, 0.0)
    for (index, own) in misses.enumerated() {
      let folds = choice.subjects[index]
      let known = own.filter(\.error.isFinite)
      let scaled = known.compactMap { miss in
        folds.naiveError(before: miss.origin).map { abs(miss.error) / $0 }
      }
      let squares = known.compactMap { miss in
        folds.naiveSquare(before: miss.origin).map { miss.error * miss.error / $0 }
      }
      guard !scaled.isEmpty, !squares.isEmpty else { continue }
      let weight = readings[forecast[index]].spent
      mase += Statistics.mean(scaled)
      rmsse += weight * Statistics.mean(squares).squareRoot()
      (weights, count) = (weights + weight, count + 1)
    }
    return DemandForecasts.Report.Method(
      model: "Choice", subjects: Int(count), mase: count > 0 ? mase / count : 0,
      wrmsse: weights > 0 ? rmsse / weights : 0)
  }
}

/// By how much a week's forecast is usually off.
enum DemandScale {
  private static let window = 26
  private static let prior = 8.0
  private static let rate = 0.2

  /// The variance of a subject's weeks about a smoothed level, and that level, before a week.
  static func own(_ folds: SubjectFolds, before week: Int) -> (variance: Double, level: Double, count: Int) {
    let known = folds.values[folds.first..<week].filter { !$0.isNaN }
    guard var level = known.first else { return (1, 0.1, 0) }
    // The mean of the first weeks: the very first one is noise.
    level = Statistics.mean(known.prefix(4))
    var squares: [Double] = []
    for value in known {
      squares.append((value - level) * (value - level))
      level += rate * (value - level)
    }
    let recent = squares.suffix(window)
    return (Statistics.mean(recent), max(level, 0.1), recent.count)
  }

  /// The usual error: the subject's own, drawn towards what subjects of its level and group have.
  static func usual(_ folds: SubjectFolds, before week: Int, spreads: [String: Double]) -> Double {
    let own = own(folds, before: week)
    let usual = (spreads[folds.group] ?? 1) * own.level
    let count = Double(own.count)
    return max(1e-6, (count * own.variance + prior * usual) / (count + prior)).squareRoot()
  }
}
