/// The methods for one series, by the names that tables and commands know.
public enum ForecastAlgorithm: String, Sendable, Codable, CaseIterable {
  /// The combination that Lode chooses when nothing is asked for.
  case auto = "Auto"
  /// The last value goes on.
  case naive = "Naive"
  /// The last season goes on.
  case seasonalNaive = "SeasonalNaive"
  /// The line from the first to the last value goes on.
  case drift = "Drift"
  /// The mean goes on.
  case historicAverage = "HistoricAverage"
  /// Exponential smoothing of a level.
  case simpleExponentialSmoothing = "SES"
  /// Exponential smoothing of a level and a trend.
  case holt = "Holt"
  /// The same with a trend that dies away.
  case dampedHolt = "DampedHolt"
  /// Exponential smoothing with a season that is added.
  case holtWinters = "HoltWinters"
  /// The same with a season that multiplies.
  case multiplicativeHoltWinters = "HoltWintersMultiplicative"
  /// Exponential smoothing whose form is chosen by AICc.
  case autoETS = "AutoETS"
  /// ARIMA whose orders are chosen by AICc.
  case autoARIMA = "AutoARIMA"
  /// The Theta method.
  case theta = "Theta"
  /// The same with theta optimised.
  case optimisedTheta = "OptimizedTheta"
  /// The same with a trend that moves.
  case dynamicOptimisedTheta = "DynamicOptimizedTheta"
  /// Seasons taken apart by MSTL, the rest by exponential smoothing.
  case mstl = "MSTL"
  /// Croston’s method for demand that comes now and then.
  case croston = "Croston"
  /// The same with its smoothing optimised.
  case optimisedCroston = "CrostonOptimized"
  /// Croston’s method without its bias, by Syntetos and Boylan.
  case sba = "SBA"
  /// The method of Teunter, Syntetos and Babai, whose forecast fades.
  case tsb = "TSB"
  /// Aggregate, forecast, disaggregate.
  case adida = "ADIDA"
  /// The same over several aggregations.
  case imapa = "IMAPA"
  /// The method that suits the demand’s class.
  case demandClass = "DemandClassChoice"

  /// The method with its usual settings.
  public var forecaster: any Forecaster {
    switch self {
    case .auto: AutoForecast()
    case .naive: Naive()
    case .seasonalNaive: SeasonalNaive()
    case .drift: Drift()
    case .historicAverage: HistoricAverage()
    case .simpleExponentialSmoothing: SimpleExponentialSmoothing()
    case .holt: Holt()
    case .dampedHolt: Holt(damped: true)
    case .holtWinters: HoltWinters()
    case .multiplicativeHoltWinters: HoltWinters(seasonal: .multiplicative)
    case .autoETS: ETS()
    case .autoARIMA: AutoARIMA()
    case .theta: Theta()
    case .optimisedTheta: OptimisedTheta()
    case .dynamicOptimisedTheta: DynamicOptimisedTheta()
    case .mstl: MSTLForecaster()
    case .croston: Croston()
    case .optimisedCroston: Croston(smoothing: nil)
    case .sba: SyntetosBoylan()
    case .tsb: TeunterSyntetosBabai()
    case .adida: ADIDA()
    case .imapa: IMAPA()
    case .demandClass: DemandClassChoice()
    }
  }
}
