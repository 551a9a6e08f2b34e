import ArgumentParser
import Commerce
import Forecasting
import Foundation
import Learning

/// A file of series in long form: a row for each step of each series, with the series' name, the step and the value.
struct SeriesFile {
  /// A series with its steps.
  struct Entry {
    var series: TimeSeries
    /// The last step that has a value.
    var last: String
    /// What is known of the steps to come, by regressor.
    var future: [String: [Double]]
    /// How steps follow one another.
    var step: Step
    /// What each step up to the last with a value weighs; nil without a column of weights.
    var weights: [Double]?
  }

  /// How the steps of a series follow one another.
  enum Step: Equatable {
    case number(Int)
    case days(Int)
    /// Months, with the day of the month that they fall on; 31 for the last.
    case months(Int, day: Int)

    /// The step that comes `count` steps after one.
    func after(_ start: String, count: Int) -> String {
      switch self {
      case .number(let size): return String((Int(start) ?? 0) + size * count)
      case .days(let size):
        guard let moment = Timestamp(rfc3339: String(start.prefix(10))) else { return start }
        return Self.day(moment.adding(days: Double(size * count)))
      case .months(let size, let day):
        let (year, month, _) = Self.parts(start)
        let months = year * 12 + month - 1 + size * count
        let (newYear, newMonth) = (months / 12, months % 12 + 1)
        return String(
          format: "%04d-%02d-%02d", newYear, newMonth, min(day, Self.days(ofMonth: newMonth, newYear)))
      }
    }

    /// How many steps lie between two; nil when the second is not one of them.
    func between(_ first: String, _ second: String) -> Int? {
      switch self {
      case .number(let size):
        guard let a = Int(first), let b = Int(second), (b - a) % size == 0 else { return nil }
        return (b - a) / size
      case .days(let size):
        guard let a = Timestamp(rfc3339: String(first.prefix(10))),
          let b = Timestamp(rfc3339: String(second.prefix(10)))
        else { return nil }
        let days = Int(b.days(since: a).rounded())
        return days % size == 0 ? days / size : nil
      case .months(let size, _):
        let (a, b) = (Self.parts(first), Self.parts(second))
        let months = (b.0 - a.0) * 12 + b.1 - a.1
        return months % size == 0 ? months / size : nil
      }
    }

    /// The days that the steps from one on cover; nil for numbers.
    func calendar(from first: String) -> StepCalendar? {
      guard let day = CalendarDay(first) else { return nil }
      return switch self {
      case .number: nil
      case .days(let size): StepCalendar(first: day, unit: .days(size))
      case .months(let size, _): StepCalendar(first: day, unit: .months(size))
      }
    }

    fileprivate static func parts(_ day: String) -> (Int, Int, Int) {
      let numbers = day.prefix(10).split(separator: "-").compactMap { Int($0) }
      return numbers.count == 3 ? (numbers[0], numbers[1], numbers[2]) : (1970, 1, 1)
    }

    private static func days(ofMonth month: Int, _ year: Int) -> Int {
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    /// The day of the month that all dates fall on, or its last where they do; nil when they differ.
    private static func day(ofMonths steps: [String]) -> Int? {
      let dates = steps.map(parts)
      let day = dates.map(\.2).max() ?? 1
      return dates.allSatisfy { $0.2 == min(day, days(ofMonth: $0.1, $0.0)) } ? day : nil
    }

    fileprivate static func day(_ moment: Timestamp) -> String { String(moment.description.prefix(10)) }

    /// The step that most neighbours of a series lie apart.
    static func of(_ steps: [String]) -> Step? {
      if steps.allSatisfy({ Int($0) != nil }) {
        let gaps = zip(steps.dropFirst(), steps).map { (Int($0) ?? 0) - (Int($1) ?? 0) }
        return .number(max(1, gaps.min() ?? 1))
      }
      let moments = steps.map { Timestamp(rfc3339: String($0.prefix(10))) }
      guard !moments.contains(nil) else { return nil }
      let days = zip(moments.dropFirst(), moments).compactMap { later, earlier in
        later.flatMap { later in earlier.map { Int(later.days(since: $0).rounded()) } }
      }
      guard let least = days.min(), least > 0 else { return .days(1) }
      guard let day = day(ofMonths: steps) else { return .days(least) }
      switch least {
      case 28...31: return .months(1, day: day)
      case 89...92: return .months(3, day: day)
      case 181...184: return .months(6, day: day)
      case 365...366: return .months(12, day: day)
      default: return .days(least)
      }
    }
  }

  /// Whether a text is a date, or a number that is none: 20251102 and 202511 would be taken for numbers a month apart.
  private static func isStep(_ text: String) -> Bool {
    guard let number = Int(text) else { return Timestamp(rfc3339: text) != nil }
    guard abs(number) < 1_000_000_000 else { return false }
    let (month, day) = (
      text.count == 8 ? number / 100 % 100 : number % 100, text.count == 8 ? number % 100 : 1
    )
    let year = number / (text.count == 8 ? 10_000 : 100)
    let isCompactDate =
      (text.count == 6 || text.count == 8) && (1900...2100).contains(year) && (1...12).contains(month)
      && (1...31).contains(day)
    return !isCompactDate
  }

  /// The longest gap that is filled with missing steps.
  private static let longestGap = 10_000

  /// Which columns are read.
  struct Columns {
    var id: String
    var time: String
    var value: String
    var regressors: [String] = []
    var attributes: [String] = []
    var weight: String?
  }

  /// Reads a file.
  ///
  /// - Throws: `ValidationError` naming file, line and column.
  static func read(
    _ path: String, columns: Columns, seasonLength: Int
  ) throws -> [Entry] {
    struct Row {
      var step: String
      var value: Double
      var known: [Double]
      var weight = 0.0
    }
    let (time, value, regressors) = (columns.time, columns.value, columns.regressors)
    var rows: [String: [Row]] = [:]
    var attributes: [String: [String: String]] = [:]
    var order: [String] = []
    func number(_ text: String, _ column: String) throws -> Double {
      if text.isEmpty || text.lowercased() == "nan" || text == "NA" { return .nan }
      guard let value = Double(text), value.isFinite else {
        throw PlainTable.Problem(
          field: column, value: text, expected: "a number, or nothing where it is missing")
      }
      return value
    }
    let weights = columns.weight.map { [$0] } ?? []
    try PlainTable.read(
      path, required: [time, value] + regressors + weights + columns.attributes, optional: [columns.id]
    ) { fields in
      let name = fields[fields.count - 1]
      guard isStep(fields[0]) else {
        throw PlainTable.Problem(
          field: time, value: fields[0],
          expected: "a date such as 2025-11-02 (not 20251102), or a whole number of at most nine digits")
      }
      if rows[name] == nil { order.append(name) }
      var row = Row(
        step: fields[0], value: try number(fields[1], value),
        known: try regressors.indices.map { try number(fields[2 + $0], regressors[$0]) })
      if let column = columns.weight {
        let weight = try number(fields[2 + regressors.count], column)
        row.weight = weight.isNaN ? 0 : weight
      }
      rows[name, default: []].append(row)
      for (index, attribute) in columns.attributes.enumerated() {
        let text = fields[2 + regressors.count + weights.count + index]
        guard !text.isEmpty else { continue }
        let known = attributes[name, default: [:]].updateValue(text, forKey: attribute)
        guard known == nil || known == text else {
          throw PlainTable.Problem(
            field: attribute, value: text, expected: "'\(known ?? "")' as in the rows of '\(name)' before")
        }
      }
    }
    guard !order.isEmpty else { throw ValidationError("\(path): there are no rows.") }
    return try order.map { name in
      var own = rows[name] ?? []
      let areNumbers = own.allSatisfy { Int($0.step) != nil }
      own.sort { areNumbers ? (Int($0.step) ?? 0) < (Int($1.step) ?? 0) : $0.step < $1.step }
      guard let step = Step.of(own.map(\.step)) else {
        throw ValidationError("\(path): the series '\(name)' has both dates and numbers in \(time).")
      }
      var filled: [Row] = []
      for row in own {
        if let last = filled.last {
          guard let gap = step.between(last.step, row.step), (1...longestGap).contains(gap) else {
            throw ValidationError(
              "\(path): in the series '\(name)' \(row.step) does not follow \(last.step) by whole steps of \(step)."
            )
          }
          for missing in 1..<gap {
            filled.append(
              Row(
                step: step.after(last.step, count: missing), value: .nan,
                known: regressors.map { _ in .nan }))
          }
        }
        filled.append(row)
      }
      let length = (filled.lastIndex { !$0.value.isNaN } ?? -1) + 1
      guard length > 0 else { throw ValidationError("\(path): the series '\(name)' has no values.") }
      func column(_ index: Int, _ range: Range<Int>) -> [Double] { range.map { filled[$0].known[index] } }
      var (past, future): ([String: [Double]], [String: [Double]]) = ([:], [:])
      for (index, regressor) in regressors.enumerated() {
        past[regressor] = column(index, 0..<length)
        future[regressor] = column(index, length..<filled.count)
      }
      return Entry(
        series: TimeSeries(
          id: name, values: filled[..<length].map(\.value), seasonLength: seasonLength, regressors: past,
          attributes: attributes[name] ?? [:], calendar: step.calendar(from: filled[0].step)),
        last: filled[length - 1].step, future: future, step: step,
        weights: columns.weight == nil ? nil : filled[..<length].map(\.weight))
    }
  }
}

/// Where series come from.
struct SeriesOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The series: CSV with a header, a row for each step. Rows after a series' last value tell its regressors' future.",
      valueName: "file")) var series: String
  @Option(help: "The column of the series' names; without it the file is one series.") var idColumn =
    "unique_id"
  @Option(help: "The column of steps: dates, or whole numbers.") var timeColumn = "ds"
  @Option(help: "The column of values; an empty one is missing.") var valueColumn = "y"
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Columns that are known beforehand, such as a price.", valueName: "columns"))
  var regressors: [String] = []
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Columns that do not change within a series, such as a brand, for methods across series.",
      valueName: "columns"))
  var attributes: [String] = []
  @Option(help: "The holidays that methods with a calendar know: western, chinese or none.")
  var holidays = HolidayCalendar.Region.western
  @Option(help: "How many steps make a season: 12 for months, 52 for weeks, 7 for days; 1 for none.")
  var seasonLength = 1
  @Option(help: "How many steps are forecast.") var horizon: Int
  @Option(help: "The levels of the intervals in percent, separated by commas.") var levels = "80,95"
  @Option(help: "Seeds what is drawn.") var seed: UInt64 = 42

  func validate() throws {
    if seasonLength < 1 { throw ValidationError("--season-length is at least 1.") }
    if !(1...10_000).contains(horizon) { throw ValidationError("--horizon is 1 to 10000.") }
    _ = try percentages()
  }

  /// The levels in percent.
  func percentages() throws -> [Double] {
    let found = try levels.split(separator: ",").map { text -> Double in
      guard let level = Double(text.trimmingCharacters(in: .whitespaces)), level > 0, level < 100 else {
        throw ValidationError("--levels has '\(text)'; expected numbers between 0 and 100, such as 80,95.")
      }
      return level
    }
    guard Set(found).count == found.count else { throw ValidationError("--levels names a level twice.") }
    return found
  }

  /// A level in percent as columns are named: 80, 99.5.
  static func name(ofLevel percent: Double) -> String {
    percent == percent.rounded() ? String(Int(percent)) : String(percent)
  }

  func entries(weight: String? = nil) throws -> [SeriesFile.Entry] {
    try SeriesFile.read(
      series,
      columns: .init(
        id: idColumn, time: timeColumn, value: valueColumn, regressors: regressors, attributes: attributes,
        weight: weight), seasonLength: seasonLength)
  }

  func context(_ stage: String) -> FitContext {
    FitContext(seed: seed) { step in
      Console.progress(stage, fraction: step.totalSteps.map { Double(step.step) / Double(max(1, $0)) })
    }
  }

  /// The methods of one series of these names.
  static func algorithms(_ names: [String]) throws -> [ForecastAlgorithm] {
    try names.map { name in
      guard
        let found = ForecastAlgorithm.allCases.first(where: { $0.rawValue.lowercased() == name.lowercased() })
      else {
        throw ValidationError(
          "There is no method '\(name)'; there are \(ForecastAlgorithm.allCases.map(\.rawValue).joined(separator: ", "))."
        )
      }
      return found
    }
  }
}
