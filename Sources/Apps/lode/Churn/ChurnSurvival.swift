import ArgumentParser
import Commerce
import CustomerValue
import Foundation
import MathKernels

/// How long customers stay: the curve of all, and what goes with staying longer or shorter.
struct ChurnSurvival {
  let curve: SurvivalCurve
  let cox: CoxModel?
  let times: [Double]

  /// The times that an option names; nil without it.
  static func times(_ text: String?) throws -> [Double]? {
    guard let text else { return nil }
    return try ChurnFile.names(text).map { part in
      guard let time = Double(part), time >= 0, time.isFinite else {
        throw ValidationError("--times has '\(part)'; expected numbers of at least 0, such as 12,24,60.")
      }
      return time
    }
  }

  /// - Parameter duration: the column of how long customers have stayed.
  init(_ table: ChurnTable, duration: String, times: [Double]?) throws {
    guard let column = table.columns.first(where: { $0.name == duration }),
      case .numbers(let values) = column.values
    else {
      throw CustomerValueError.table(
        column: duration, found: "no column of numbers of this name",
        expected: "how long each customer has stayed")
    }
    let known = (0..<table.count).filter { table.labels[$0] != nil && !values[$0].isNaN }
    let data = try SurvivalData(
      durations: known.map { values[$0] }, events: known.map { table.labels[$0] == true })
    curve = try KaplanMeier().fit(data)
    let longest = curve.lastTime
    self.times = times ?? (1...6).map { (longest * Double($0) / 6).rounded() }
    cox = try Self.regression(table.selecting(known), data, without: duration)
  }

  /// Hazards by all other columns but those that grow with the duration; nil where they cannot be told apart.
  private static func regression(
    _ table: ChurnTable, _ data: SurvivalData, without duration: String
  ) throws -> CoxModel? {
    var (names, columns) = ([String](), [[Double]]())
    for column in table.columns where column.name != duration {
      switch column.values {
      case .numbers(let values):
        let known = zip(values, data.durations).filter { !$0.0.isNaN }
        let median = Statistics.median(known.map(\.0))
        // A sum over the time stayed says how long that was, not what lengthens it.
        let correlation = abs(Statistics.correlation(known.map(\.0), known.map(\.1)))
        if correlation > 0.6 { continue }
        names.append(column.name)
        columns.append(values.map { $0.isNaN ? median : $0 })
      case .categories(let values):
        for level in Set(values).subtracting([""]).sorted().dropFirst() {
          names.append("\(column.name)=\(level)")
          columns.append(values.map { $0 == level ? 1 : 0 })
        }
      }
    }
    guard !names.isEmpty else { return nil }
    var matrix = Matrix<Double>(rows: data.count, columns: names.count)
    for (place, column) in columns.enumerated() {
      for (row, value) in column.enumerated() { matrix[row, place] = value }
    }
    // A touch of ridge keeps one-hot columns that follow from each other apart.
    return try? CoxRegression(.init(regularization: 0.1)).fit(data, covariates: names, matrix)
  }

  var json: JSONValue {
    [
      "customers": JSONValue(curve.count),
      "curve": .array(
        times.map { time in
          let interval = curve.interval(at: time)
          return [
            "time": JSONValue(time), "survival": JSONValue(curve.survival(at: time)),
            "lo-95": JSONValue(interval?.lower ?? 1), "hi-95": JSONValue(interval?.upper ?? 1),
          ]
        }),
      "median": curve.median.map { JSONValue($0) } ?? .null,
      "restricted_mean": JSONValue(curve.restrictedMean(until: curve.lastTime)),
      "cox": cox.map { cox in
        [
          "concordance": JSONValue(cox.concordance), "log_likelihood": JSONValue(cox.logLikelihood),
          "covariates": .array(
            cox.names.indices.map { place in
              [
                "name": .string(cox.names[place]), "coefficient": JSONValue(cox.coefficients[place]),
                "standard_error": JSONValue(cox.standardErrors[place]),
                "hazard_ratio": JSONValue(exp(cox.coefficients[place])),
              ]
            }),
        ]
      } ?? .null,
    ]
  }
}
