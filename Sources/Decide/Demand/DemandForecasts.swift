import Commerce
import Forecasting
import Learning

/// What a shop will sell in each of the next weeks: of everything, of each department and category, of the items sold most.
///
/// ```swift
/// let forecasts = try await DemandForecasting().fit(DemandDataset(history: history), context: FitContext())
/// let coffee = forecasts.outlook(of: DemandSubject(.category, "COFFEE"))
/// forecasts.range(of: coffee!, weeks: 4, level: 0.8)    // what the next four weeks bring together
/// ```
/// Saved as a model: bounded in size by the number of items asked for.
public struct DemandForecasts: FittedModel, Equatable {
  /// See `FittedModel`.
  public static let formatVersion = 1

  /// The moment that the data reach to.
  public var asOf: Timestamp
  /// The Monday of the first week of the history, as a day since 1970-01-01.
  public var firstMonday: Int32
  /// How many full weeks the history has; the first week forecast is the one after them.
  public var weeks: Int
  /// How many weeks are forecast.
  public var horizon: Int
  /// The currency of prices.
  public var currency: Currency
  /// The subjects, broad ones first, those of most units first among equals.
  public var outlooks: [DemandOutlook]
  /// How wrong forecasts were, by groups of alike subjects.
  public var errors: [DemandErrorGroup]
  /// How good the methods were over all subjects.
  public var report: Report
  /// What customers' needs say beside it; nil where no needs were mined.
  public var needs: NeedDemand?
  /// What the forecasts would have saved in stock; nil where there is too little history.
  public var restock: RestockBacktest?

  /// How good each method was, over all subjects.
  public struct Report: Sendable, Codable, Equatable {
    /// One method.
    public struct Method: Sendable, Codable, Equatable {
      /// Its name.
      public var model: String
      /// How many subjects it was chosen for.
      public var subjects: Int
      /// The mean over the subjects of its scaled absolute error.
      public var mase: Double
      /// The root mean squared scaled error, weighted by what was spent.
      public var wrmsse: Double
    }
    /// The methods, the best first.
    public var methods: [Method]
    /// The choice itself, each time made from what was known before the weeks it was tested on.
    public var chosen: Method
    /// The shares of values of the last weeks inside the intervals that were learned before them, by level in percent.
    public var coverage: [String: Double]
    /// How many values those shares are of.
    public var coverageCount: Int
    /// Seconds of the run.
    public var seconds: Double
  }

  /// What is known of a subject; nil where it was not forecast.
  public func outlook(of subject: DemandSubject) -> DemandOutlook? {
    outlooks.first { $0.subject == subject }
  }

  /// The Monday of a week, counted from the first of the history; also of weeks to come.
  public func date(ofWeek week: Int) -> String {
    String(
      Timestamp(milliseconds: (Int64(firstMonday) + Int64(7 * week)) * Timestamp.day).description.prefix(10))
  }

  /// The group of alike subjects that an outlook's errors are drawn from.
  func group(of outlook: DemandOutlook) -> DemandErrorGroup? {
    errors.first { $0.name == outlook.group }
  }

  /// The ends between which a week's units fall with a probability; nil without a forecast.
  ///
  /// - Parameter step: the week, 0 for the first one to come.
  public func interval(of outlook: DemandOutlook, step: Int, level: Double) -> (lower: Double, upper: Double)?
  {
    guard let mean = outlook.mean, mean.indices.contains(step), let group = group(of: outlook) else {
      return nil
    }
    let (lower, upper) = group.interval(step: step, level: level)
    return (max(0, mean[step] + lower * outlook.scale), max(0, mean[step] + upper * outlook.scale))
  }

  /// The ends between which the units of the next weeks together fall with a probability; nil without a forecast.
  public func range(of outlook: DemandOutlook, weeks: Int, level: Double) -> (lower: Double, upper: Double)? {
    guard let demand = demand(of: outlook, weeks: Double(weeks)) else { return nil }
    return (demand.quantile(0.5 - level / 2), demand.quantile(0.5 + level / 2))
  }
}

/// What is known of the demand for one subject.
public struct DemandOutlook: Sendable, Codable, Equatable {
  /// How much a forecast can be trusted for the amount of its data.
  public enum Sufficiency: String, Sendable, Codable, CaseIterable {
    /// Half a year or more with sales in most weeks.
    case good
    /// Less, and enough to look back upon.
    case fair
    /// Too little: there is no forecast.
    case insufficient
  }

  /// A week that was not as expected.
  public struct Anomaly: Sendable, Codable, Equatable {
    /// What kinds there are.
    public enum Kind: String, Sendable, Codable {
      /// One week far from the rest.
      case outlier
      /// From this week on the level is another one.
      case levelShift = "level_shift"
    }
    /// The week, counted from the first of the history.
    public var week: Int
    /// The units sold.
    public var units: Double
    /// The units expected.
    public var expected: Double
    /// What kind it is.
    public var kind: Kind
  }

  /// What it is.
  public var subject: DemandSubject
  /// The category of an item, where it has one.
  public var category: String?
  /// How often demand comes and how much its sizes vary.
  public var demandClass: DemandProfile.DemandClass
  /// Units of each week of the history, at most the last 156; NaN never.
  public var units: [Double]
  /// Weeks, counted from the first of the history, that sold nothing although customers looked for it: taken for out of stock.
  public var soldOut: [Int]
  /// The method; nil without a forecast.
  public var model: String?
  /// The units expected of each week to come; nil without a forecast.
  public var mean: [Double]?
  /// By how many units a week's forecast is usually off.
  public var scale: Double
  /// The group of alike subjects whose errors tell how far.
  public var group: String
  /// How good forecasts were; nil where there were none.
  public var backtest: SubjectBacktest?
  /// Whether there is enough to forecast from.
  public var sufficiency: Sufficiency
  /// In how many weeks something was sold.
  public var weeksWithSales: Int
  /// Since which week it has been on sale, counted from the first of the history.
  public var firstWeek: Int
  /// Weeks that were not as expected, oldest first.
  public var anomalies: [Anomaly]
  /// What moves its demand.
  public var drivers: [DemandDriver]

  /// Units of the last weeks.
  public func recent(_ count: Int) -> Double { units.suffix(count).reduce(0, +) }

  /// Units expected of the next weeks; nil without a forecast.
  public func expected(_ count: Int) -> Double? { mean.map { $0.prefix(count).reduce(0, +) } }

  /// How much more the next four weeks bring than the last four brought, as a share; nil without either.
  public var change: Double? {
    guard let next = expected(4), recent(4) > 0 else { return nil }
    return next / recent(4) - 1
  }
}

/// How good the forecasts of one subject were.
public struct SubjectBacktest: Sendable, Codable, Equatable {
  /// One origin's forecast and what came.
  public struct Fold: Sendable, Codable, Equatable {
    /// The first week forecast, counted from the first of the history.
    public var week: Int
    /// What came.
    public var actual: [Double]
    /// What was said.
    public var mean: [Double]
  }
  /// One method.
  public struct Method: Sendable, Codable, Equatable {
    /// Its name.
    public var model: String
    /// Its scaled absolute error; nil where the series never changed.
    public var mase: Double?
  }
  /// From how many weeks it was forecast.
  public var origins: Int
  /// The absolute error over the mean absolute difference of neighbouring weeks; nil where the series never changed.
  public var mase: Double?
  /// The same of squares, its root.
  public var rmsse: Double?
  /// The symmetric percentage error, 0 to 200.
  public var smape: Double
  /// The mean of forecast less value, scaled as `mase`; above 0 forecasts were too high.
  public var bias: Double?
  /// The scaled absolute error of last week's value, or last year's where there are two years.
  public var baselineMASE: Double?
  /// The shares of values inside the intervals of 80 and 95 percent.
  public var coverage80: Double
  /// See `coverage80`.
  public var coverage95: Double
  /// The scaled absolute error of each week ahead; nil where the series never changed.
  public var byStep: [Double?]
  /// The last origins, oldest first.
  public var folds: [Fold]
  /// Every method tried, the best first.
  public var methods: [Method]
}
