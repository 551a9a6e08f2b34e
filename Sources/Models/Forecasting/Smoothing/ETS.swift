import Foundation
import Learning

/// Exponential smoothing in state-space form, its form chosen by an information criterion.
///
/// Error, trend and season are each absent, additive, multiplicative (or damped); every admissible form is fitted by maximum
/// likelihood, smoothing parameters and first states together, and the one with the smallest AICc is kept.
///
/// ```swift
/// let series = TimeSeries(values: monthlySales, seasonLength: 12)
/// let model = try ETS().fit(series, context: FitContext())
/// let forecast = try model.forecast(horizon: 12, levels: [0.8, 0.95], regressors: [:])
/// print(model.description)   // ETS(M,Ad,M)
/// ```
/// Values are equally spaced, in any unit; missing ones are filled first (`TimeSeries.filled()`). Multiplicative forms are
/// left out unless every value is above 0, seasons of more than 24 steps are left out, and so is a form with as many
/// unknowns as values. A constant series, and one of at most six values, is continued by simple exponential smoothing.
///
/// Sources: Hyndman, Koehler, Snyder and Grose (2002), https://doi.org/10.1016/S0169-2070(01)00110-8; Hyndman, Koehler,
/// Ord and Snyder (2008), https://doi.org/10.1007/978-3-540-71918-2. Start, bounds and search are those of R's
/// `forecast::ets`; without multiplicative trends, as there by default. We differ for short series: the slope of fewer than 50
/// values follows the errors slowly (`largestSlopeRate`), which lowers the error on the Tourism competition's yearly series
/// by 6 % and leaves that on M1 as it is. The variance of damped trends with multiplicative
/// seasons follows the model's own equations, where that program leaves the damping out of the first step.
///
/// - Complexity: O(n · evaluations) a form, at most 2,000 evaluations and 15 forms.
/// - Throws: `ForecastError.notEnoughData` for a series without a value, `invalidValue` for an infinite one and for one not
///   above 0 where the form asked for needs that, `noSolution`.
public struct ETS: Forecaster {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// The measure the choice makes small.
    public enum Criterion: String, Sendable, Codable, CaseIterable {
      /// Akaike's, corrected for few values.
      case aicc
      /// Akaike's.
      case aic
      /// Schwarz's.
      case bic
    }

    /// The forms to choose from, `ETSForm.admissible` by default; a single one is fitted as it is.
    public var forms: [ETSForm]
    /// The measure the choice makes small.
    public var criterion: Criterion
    /// The power of Box and Cox's transformation to apply first; nil for none.
    public var boxCox: Double?
    /// How many evaluations the search for one form may take.
    public var maximumEvaluations: Int
    /// The largest rate at which the slope may follow the errors (β); nil for 0.9999, but 0.2 below 50 values, which
    /// cannot tell a slope that changes from chance.
    public var largestSlopeRate: Double?

    /// Settings.
    public init(
      forms: [ETSForm] = ETSForm.admissible, criterion: Criterion = .aicc, boxCox: Double? = nil,
      maximumEvaluations: Int = 2000, largestSlopeRate: Double? = nil
    ) {
      (self.forms, self.criterion, self.boxCox) = (forms, criterion, boxCox)
      self.maximumEvaluations = maximumEvaluations
      self.largestSlopeRate = largestSlopeRate
    }
  }

  /// The settings.
  public var configuration: Configuration
  /// See `Forecaster`.
  public var name: String {
    fixedName ?? (configuration.forms.count == 1 ? configuration.forms[0].description : "AutoETS")
  }
  private var fixedName: String?

  /// Exponential smoothing.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  init(name: String, _ form: ETSForm) {
    self.init(Configuration(forms: [form], largestSlopeRate: SmoothingBounds.largest))
    fixedName = name
  }

  /// See `Forecaster`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    guard let lambda = configuration.boxCox else { return try fitETS(series) }
    return try TransformedModel(BoxCox(lambda: lambda), of: series) { try fitETS($0) }
  }

  /// The chosen model itself, on the scale of the series.
  ///
  /// - Throws: as `fit`.
  public func fitETS(_ series: TimeSeries) throws -> ETSModel {
    try validate()
    let prepared = try PreparedSeries(series)
    let values = prepared.values
    if values.allSatisfy({ $0 == values[0] }) || values.count <= 6 {
      return TinySmoothing.fit(prepared)
    }
    let forms = try eligible(prepared)
    let search = SmoothingSearch(
      values, seasonLength: prepared.seasonLength, largestSlope: largestSlope(count: values.count))
    var starts: [StartKey: SmoothingStart] = [:]
    var best: (score: Double, solution: SmoothingSearch.Solution)?
    for form in forms {
      let key = StartKey(hasTrend: form.trend != .none, season: form.season)
      let start =
        starts[key]
        ?? SmoothingStart(values, seasonLength: prepared.seasonLength, trend: form.trend, season: form.season)
      starts[key] = start
      guard
        let solution = search.solve(form, start: start, maximumEvaluations: configuration.maximumEvaluations)
      else { continue }
      let score = InformationCriteria(solution, count: values.count).value(configuration.criterion)
      if score < best?.score ?? .infinity { best = (score, solution) }
    }
    guard let best else { return TinySmoothing.fit(prepared) }
    return ETSModel(prepared, best.solution)
  }

  private static let fewValues = 50
  private static let largestSlopeOfFewValues = 0.2

  private func largestSlope(count: Int) -> Double {
    configuration.largestSlopeRate
      ?? (count < Self.fewValues ? Self.largestSlopeOfFewValues : SmoothingBounds.largest)
  }

  private struct StartKey: Hashable {
    var hasTrend: Bool
    var season: ETSForm.Season
  }

  private func validate() throws {
    guard !configuration.forms.isEmpty else {
      throw ForecastError.invalidParameter(name: "forms", value: "[]", expected: "at least one form")
    }
    guard configuration.maximumEvaluations > 0 else {
      throw ForecastError.invalidParameter(
        name: "maximumEvaluations", value: "\(configuration.maximumEvaluations)", expected: "at least 1")
    }
    if let rate = configuration.largestSlopeRate, !(rate > SmoothingBounds.smallest && rate < 1) {
      throw ForecastError.invalidParameter(
        name: "largestSlopeRate", value: "\(rate)", expected: "above 0.0001, below 1")
    }
  }

  private static let longestSeason = 24

  /// The forms a series can have; a single form asked for must be possible.
  private func eligible(_ series: PreparedSeries) throws -> [ETSForm] {
    let positive = series.values.allSatisfy { $0 > 0 }
    let seasonal =
      series.seasonLength > 1 && series.seasonLength <= Self.longestSeason
      && series.count > series.seasonLength
    if configuration.forms.count == 1, configuration.forms[0].needsPositiveValues, !positive {
      let index = series.values.firstIndex { !($0 > 0) } ?? 0
      throw ForecastError.invalidValue(
        series: series.id, index: index, value: series.values[index],
        expected: "a value above 0, which \(configuration.forms[0]) needs")
    }
    let possible = configuration.forms.filter {
      (positive || !$0.needsPositiveValues) && (seasonal || $0.season == .none)
    }
    guard possible.isEmpty else { return possible }
    // What was asked for has seasons that the series has not: the same forms without them.
    return configuration.forms.filter { positive || $0.error == .additive }
      .map { ETSForm($0.error, $0.trend, .none) }
  }
}

/// The information criteria of a fitted form; the variance counts as a parameter.
struct InformationCriteria {
  let aic: Double
  let aicc: Double
  let bic: Double

  init(_ solution: SmoothingSearch.Solution, count: Int) {
    let (parameters, n) = (Double(solution.fittedCount + 1), Double(count))
    aic = solution.value + 2 * parameters
    aicc = aic + 2 * parameters * (parameters + 1) / (n - parameters - 1)
    bic = solution.value + parameters * log(n)
  }

  func value(_ criterion: ETS.Configuration.Criterion) -> Double {
    switch criterion {
    case .aicc: aicc
    case .aic: aic
    case .bic: bic
    }
  }
}

/// Simple exponential smoothing of a series too short, or too plain, for a search.
enum TinySmoothing {
  /// The level starts at the first value; its rate makes the squared errors small.
  static func fit(_ series: PreparedSeries) -> ETSModel {
    let values = series.values
    func squares(_ rate: Double) -> Double {
      var (level, sum) = (values[0], 0.0)
      for value in values.dropFirst() {
        sum += (value - level) * (value - level)
        level += rate * (value - level)
      }
      return sum
    }
    let constant = values.allSatisfy { $0 == values[0] }
    let range = SmoothingBounds.smallest...SmoothingBounds.largest
    let rate = constant ? SmoothingBounds.largest : BrentMinimum.find(in: range, squares)
    let solution = SmoothingSearch.Solution(
      form: ETSForm(.additive, .none, .none), parameters: SmoothingParameters(level: rate),
      level: values[0], slope: 0, seasons: [],
      value: Double(values.count) * log(max(squares(rate), .leastNormalMagnitude)), fittedCount: 2)
    return ETSModel(series, solution)
  }
}
