/// A plain file of vectors: an item and its numbers a line, separated by commas, tabs or blanks, gzipped or not.
///
/// ```swift
/// let vectors = try ItemVectorFile(path: "pictures.csv").read()   // ["sneaker": [0.1, −2.3, …]]
/// ```
public struct ItemVectorFile: Sendable {
  /// Where the file lies.
  public var path: String

  /// A file.
  public init(path: String) { self.path = path }

  /// Reads all rows. A first line whose second field is no number is a header.
  ///
  /// - Throws: `RecommendationError` with file, line, field and what was expected.
  public func read() throws -> [String: [Float]] {
    var vectors: [String: [Float]] = [:]
    var (separator, size): (UInt8?, Int?) = (nil, nil)
    try PlainFile(path: path).forEachLine { line, text in
      let isFirst = separator == nil
      let byte = separator ?? PlainFile.guessedSeparator(text)
      separator = byte
      let fields = PlainFile.fields(text, byte)
      if isFirst, fields.count > 1, Float(fields[1]) == nil { return }
      func malformed(_ field: String, _ expected: String, _ found: String) -> RecommendationError {
        .malformedRow(path: path, line: line, field: field, expected: expected, found: found)
      }
      guard !fields[0].isEmpty else { throw malformed("item", "an id", "") }
      let wanted = size ?? fields.count - 1
      guard fields.count - 1 == wanted, wanted > 0 else {
        throw malformed("vector", "\(max(1, wanted)) numbers", "\(fields.count - 1) numbers")
      }
      size = wanted
      vectors[fields[0]] = try fields.dropFirst().enumerated().map { index, field in
        guard let number = Float(field), number.isFinite else {
          throw malformed("number \(index + 1)", "a number", field)
        }
        return number
      }
    }
    guard !vectors.isEmpty else {
      throw RecommendationError.unreadableFile(path: path, reason: "it holds no rows")
    }
    return vectors
  }
}
