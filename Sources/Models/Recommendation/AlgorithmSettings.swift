import Commerce
import Foundation
import Learning

/// A setting and the values that tuning tries for it.
public struct TuningAxis: Sendable {
  /// The setting's name.
  public var setting: String
  /// The values to try.
  public var values: [JSONValue]

  /// A setting with the values to try.
  public init(_ setting: String, _ values: [JSONValue]) {
    self.setting = setting
    self.values = values
  }

  /// A setting with numbers to try.
  public init(_ setting: String, _ numbers: Double...) {
    self.init(setting, numbers.map(JSONValue.number))
  }
}

/// The settings of an algorithm chosen by name: its configuration as JSON that can be read and changed.
struct AlgorithmSettings: Sendable {
  let name: String
  private(set) var configuration: JSONValue
  let axes: [TuningAxis]
  private let check: @Sendable (JSONValue) throws -> Void

  init<Configuration: Codable & Sendable>(
    _ name: String, _ configuration: Configuration, _ axes: [TuningAxis]
  ) {
    self.name = name
    self.configuration = Self.json(configuration)
    self.axes = axes
    check = { let _: Configuration = try Self.value($0) }
  }

  /// Changes a setting; a string also stands for the case of that name without values, such as `cosine`.
  mutating func set(_ setting: String, to value: JSONValue) throws {
    guard case .object(var settings) = configuration else { return }
    let known = Set(settings.keys).union(axes.map(\.setting))
    guard known.contains(setting) else {
      throw RecommendationError.invalidSetting(
        model: name, setting: setting,
        reason: "there is no such setting; there are \(known.sorted().joined(separator: ", "))")
    }
    var forms = [value]
    if let word = value.string { forms.append(.object([word: .object([:])])) }
    for form in forms {
      settings[setting] = form
      if (try? check(.object(settings))) != nil {
        configuration = .object(settings)
        return
      }
    }
    throw RecommendationError.invalidSetting(
      model: name, setting: setting, reason: "it cannot take the value \(value.text)")
  }

  private static func json(_ value: some Encodable) -> JSONValue {
    guard let data = try? JSONEncoder().encode(value),
      let json = try? JSONDecoder().decode(JSONValue.self, from: data)
    else { preconditionFailure("a configuration is plain data") }
    return json
  }

  static func value<Value: Decodable>(_ json: JSONValue) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(json))
  }
}

/// Checks of settings that every algorithm shares.
enum SettingCheck {
  /// Refuses a number outside a range, or one that is not a number.
  static func require(_ name: String, _ value: Double, _ range: ClosedRange<Double>) throws {
    guard range.contains(value) else {
      throw LearningError.invalidParameter(
        name: name, value: "\(value)", expected: "a number from \(range.lowerBound) to \(range.upperBound)")
    }
  }

  /// Refuses a whole number outside a range.
  static func require(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
    guard range.contains(value) else {
      throw LearningError.invalidParameter(
        name: name, value: "\(value)", expected: "a number from \(range.lowerBound) to \(range.upperBound)")
    }
  }
}
