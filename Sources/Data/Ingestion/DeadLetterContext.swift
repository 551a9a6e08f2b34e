import Commerce
import Learning

/// What a dead letter's row needs to be read again.
struct DeadLetterContext: Codable, Sendable {
  /// The mapping as YAML.
  var mapping: String
  /// The header of the file.
  var columns: [String]
  /// Whether the row is a JSON object.
  var isJSON: Bool
  /// What stands between values, when the mapping says so.
  var separator: String?

  /// The key of the context's document: the same context has the same key.
  var key: String {
    var sum = Checksum()
    for text in [mapping, separator ?? "", isJSON ? "json" : "text"] + columns {
      sum.update(text.utf8)
      sum.update(UInt8(0))
    }
    return sum.hexadecimal
  }
}
