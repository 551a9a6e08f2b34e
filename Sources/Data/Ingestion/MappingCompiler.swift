import Commerce

/// Finds a mapping's columns in a file's header.
struct MappingCompiler {
  let mapping: Mapping
  let clock: LocalClock
  private let path: String
  private let indexes: [String: Int]
  private let columns: [String]

  /// - Throws: `IngestionError.unknownColumn` when the file lacks a column that the mapping names.
  init(_ mapping: Mapping, columns: [String], path: String) throws {
    self.mapping = mapping
    self.path = path
    self.columns = columns
    guard let clock = LocalClock(mapping.timeZone) else {
      throw IngestionError.invalidMapping(
        source: path, line: 1, column: 1,
        reason: "'\(mapping.timeZone)' is not a time zone such as Asia/Shanghai")
    }
    self.clock = clock
    var indexes: [String: Int] = [:]
    // The parts of an order line come after the file's own columns; see `LineSplitter`.
    for (index, name) in (columns + (mapping.lines?.parts ?? [])).enumerated() { indexes[name] = index }
    self.indexes = indexes
  }

  func index(_ column: String, _ field: String) throws -> Int {
    guard let index = indexes[column] else {
      throw IngestionError.unknownColumn(path: path, column: column, field: field, available: columns)
    }
    return index
  }

  func source(_ field: String) throws -> CompiledSource? {
    try mapping.fields[field].map { try compiled($0, field) }
  }

  func required(_ field: String) throws -> CompiledSource {
    guard let source = try source(field) else {
      throw IngestionError.invalidMapping(
        source: path, line: 1, column: 1, reason: "the mapping has no field '\(field)'")
    }
    return source
  }

  func properties() throws -> [(name: String, source: CompiledSource)] {
    try mapping.properties.sorted { $0.key < $1.key }.map { name, source in
      // These two have a meaning, and it is a number.
      var source = source
      if name == "discount" || name == "list_price" { source.isNumber = true }
      return (name: name, source: try compiled(source, name))
    }
  }

  private func compiled(_ source: Mapping.Source, _ field: String) throws -> CompiledSource {
    let value: CompiledSource.Value =
      switch source.value {
      case .column(let name): .column(try index(name, field))
      case .constant(let text): .constant(text)
      case .sum(let names): .sum(try names.map { try index($0, field) })
      case .template(let pieces):
        .template(
          try pieces.map { piece in
            switch piece {
            case .text(let text): .text(text)
            case .column(let name, let isTitle): .column(try index(name, field), isTitle: isTitle)
            }
          })
      }
    return CompiledSource(
      field: field, value: value, scale: source.scale, times: try source.times.map { try index($0, field) },
      isAbsolute: source.isAbsolute, words: source.values, timeFormat: source.timeFormat,
      isNumber: source.isNumber)
  }
}
