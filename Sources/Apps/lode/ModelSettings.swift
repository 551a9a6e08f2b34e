import ArgumentParser
import Commerce
import Foundation

/// What commands that measure models by name read from their options.
enum ModelSettings {
  /// Applies every `MODEL.SETTING=VALUE` to the model it names; one that is not measured is passed over.
  static func apply<Algorithm>(
    _ settings: [String], to algorithms: inout [Algorithm], name: (Algorithm) -> String,
    known: (String) throws -> String, _ set: (inout Algorithm, String, JSONValue) throws -> Void
  ) throws {
    for setting in settings {
      let sides = setting.split(separator: "=", maxSplits: 1).map(String.init)
      let path = (sides.first ?? "").split(separator: ".", maxSplits: 1).map(String.init)
      guard sides.count == 2, path.count == 2 else {
        throw ValidationError("--set takes MODEL.SETTING=VALUE, found '\(setting)'.")
      }
      let model = try known(path[0])
      guard let index = algorithms.firstIndex(where: { name($0) == model }) else { continue }
      let value = try? JSONDecoder().decode(JSONValue.self, from: Data(sides[1].utf8))
      try set(&algorithms[index], path[1], value ?? .string(sides[1]))
    }
  }

  /// The lengths of lists, separated by commas.
  static func cutoffs(_ text: String) throws -> [Int] {
    let numbers = text.split(separator: ",").map { Int($0) ?? 0 }
    guard !numbers.isEmpty, numbers.allSatisfy({ $0 > 0 }) else {
      throw ValidationError("--cutoffs are positive numbers separated by commas, found '\(text)'.")
    }
    return numbers
  }
}
