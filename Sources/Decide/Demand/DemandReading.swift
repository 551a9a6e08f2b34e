import Forecasting
import Learning
import MathKernels

/// All that is learned of one subject by itself.
struct DemandReading: Sendable {
  let subject: DemandSubject
  let category: String?
  let units: [Double]
  let soldOut: [Int]
  let demandClass: DemandProfile.DemandClass
  let sufficiency: DemandOutlook.Sufficiency
  let weeksWithSales: Int
  let firstWeek: Int
  let spent: Double
  /// Nil where there is too little to forecast from.
  let folds: SubjectFolds?
  let anomalies: [DemandOutlook.Anomaly]
  let drivers: [DemandDriver]

  /// From so many weeks on sale, and so many with sales, there is a forecast.
  static let fewestWeeks = 12
  static let fewestSales = 6
  private static let mostUnits = 156
  private static let mostAnomalies = 20

  init(_ subject: DemandSubject, _ data: DemandDataset, origins: [Int], horizon: Int) {
    let history = data.history
    let weeks = history.weeks(of: subject) ?? []
    let all = weeks.map(\.units)
    // What began to sell later has no demand of 0 before.
    let first = all.firstIndex { $0 > 0 } ?? all.count
    let soldOut = data.views[subject.id].map { DemandDataset.soldOut(all, views: $0) } ?? []
    var values = all
    for week in soldOut { values[week] = .nan }
    let profile = DemandProfile(Array(values.dropFirst(first)))
    let sales = all.count { $0 > 0 }
    self.subject = subject
    category = subject.level == .item ? Self.category(of: subject.id, history) : nil
    (units, self.soldOut, firstWeek, weeksWithSales) = (all, soldOut, first, sales)
    demandClass = profile.demandClass
    spent = weeks.reduce(0) { $0 + $1.amount }
    sufficiency = Self.sufficiency(weeks: all.count - first, sales: sales)
    if sufficiency == .insufficient {
      (folds, anomalies, drivers) = (nil, [], [])
    } else {
      let isWide = subject.level != .item
      folds = SubjectFolds(
        values, first: first, group: isWide ? "wide" : "item:\(profile.demandClass.rawValue)", isWide: isWide,
        origins: origins, horizon: horizon)
      anomalies = Array(DemandAnomalies.find(values, first: first).suffix(Self.mostAnomalies))
      drivers = DemandDriver.find(
        Array(weeks[first...]), traffic: Self.traffic(history, subject, from: first))
    }
  }

  private static func sufficiency(weeks: Int, sales: Int) -> DemandOutlook.Sufficiency {
    if weeks < fewestWeeks || sales < fewestSales { return .insufficient }
    return weeks >= 26 && sales >= 20 ? .good : .fair
  }

  private static func category(of item: String, _ history: DemandHistory) -> String? {
    let place = history.catalogue.place(ofItem: item).category
    return place >= 0 ? history.catalogue.categories[place] : nil
  }

  /// Order lines of the whole shop less the subject's own: how many came to shop that week.
  private static func traffic(_ history: DemandHistory, _ subject: DemandSubject, from first: Int) -> [Double]
  {
    guard subject.level != .shop, let shop = history.weeks(of: .shop), let own = history.weeks(of: subject)
    else { return [] }
    return zip(shop, own).dropFirst(first).map { Double($0.lines - $1.lines) }
  }

  /// The units kept: the last ones of a long history.
  var keptUnits: [Double] { Array(units.suffix(Self.mostUnits)) }
}

/// Finds weeks that were not as expected.
enum DemandAnomalies {
  /// Units vary with their level; their square root hardly does (Anscombe 1948, https://doi.org/10.1093/biomet/35.3-4.246).
  private static func root(_ units: Double) -> Double { 2 * (max(0, units) + 0.375).squareRoot() }
  private static func units(_ root: Double) -> Double { max(0, root * root / 4 - 0.375) }
  /// Counts are skewed still: a little further off than usual is asked for.
  private static let threshold = 4.0

  /// The weeks, oldest first: far from the rest, or the first of another level.
  static func find(_ values: [Double], first: Int) -> [DemandOutlook.Anomaly] {
    let series = TimeSeries(values: values[first...].map { $0.isNaN ? .nan : root($0) })
    let expectation = SimpleExponentialSmoothing()
    let detection = AnomalyDetection(threshold: threshold)
    let found = (try? detection.find(in: series, by: expectation, context: FitContext())) ?? []
    let shifts = SeriesCheck(series).findings.first { $0.kind == .levelShift }?.steps ?? []
    var result = found.filter { anomaly in !shifts.contains { abs($0 - anomaly.step) <= 1 } }.map {
      DemandOutlook.Anomaly(
        week: first + $0.step, units: values[first + $0.step], expected: units($0.expected), kind: .outlier)
    }
    result += shifts.filter { series.values.indices.contains($0) && series.values[$0].isFinite }.map {
      shift in
      let before = series.values[max(0, shift - 8)..<shift].filter(\.isFinite)
      return DemandOutlook.Anomaly(
        week: first + shift, units: values[first + shift],
        expected: units(before.isEmpty ? 0 : Statistics.mean(before)), kind: .levelShift)
    }
    return result.sorted { $0.week < $1.week }
  }
}
