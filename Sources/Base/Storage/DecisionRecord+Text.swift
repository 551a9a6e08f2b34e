import Commerce

extension DecisionRecord {
  /// The record as JSON text that decodes to the same record. Decisions are written down at the rate at which pages are asked
  /// for, so no tree of values is built first.
  ///
  /// - Throws: `EncodingError` when a score or a propensity is not a finite number.
  public func text() throws -> String {
    for choice in choices where !choice.score.isFinite || !choice.propensity.isFinite {
      throw EncodingError.invalidValue(
        choice.score,
        .init(codingPath: [], debugDescription: "the score of item \(choice.itemID) is not a finite number"))
    }
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("decisionID", decisionID)
      writer.member("kind", kind)
      writer.member("customerID", customerID)
      writer.member("madeAt", madeAt.description)
      writer.member("model", model)
      writer.array("choices", choices) { $1.write(to: &$0) }
      writer.member("trace", trace)
    }
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

extension DecisionRecord.Choice {
  fileprivate func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("item_id", itemID)
      $0.member("score", score)
      $0.member("propensity", propensity)
      $0.member("position", position)
      $0.member("source", source)
      if let rules { $0.array("rules", rules) { $0.write($1) } }
    }
  }
}

extension DecisionRecord {
  /// Reads a record from its JSON text without building a tree: a shop's decisions of weeks are read when a rule looks back on
  /// them.
  ///
  /// - Throws: `JSONSyntaxError` for what is not JSON, `DecodingError` for what is no record.
  public init(text: UnsafeBufferPointer<UInt8>) throws {
    var scanner = JSONScanner(text)
    var (id, kind, customer, made, model, trace): (String?, String?, String?, String?, String?, String?)
    var choices: [Choice?] = []
    try scanner.object { (scanner: inout JSONScanner, key: String) throws(JSONSyntaxError) in
      switch key {
      case "decisionID": id = try scanner.text()
      case "kind": kind = try scanner.text()
      case "customerID": customer = try scanner.text()
      case "madeAt": made = try scanner.text()
      case "model": model = try scanner.text()
      case "trace": trace = try scanner.text()
      case "choices":
        try scanner.array { (scanner: inout JSONScanner) throws(JSONSyntaxError) in
          choices.append(try Choice.read(&scanner))
        }
      default: try scanner.skipValue()
      }
    }
    guard let id, let kind, let model, let moment = made.flatMap({ Timestamp(rfc3339: $0) }),
      !choices.contains(where: { $0 == nil })
    else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: [], debugDescription: "a decision lacks its id, kind, model, time or an item's figures")
      )
    }
    self.init(
      decisionID: id, kind: kind, customerID: customer, madeAt: moment, model: model,
      choices: choices.compactMap { $0 }, trace: trace)
  }
}

extension DecisionRecord.Choice {
  /// Reads one; nil when it lacks what every choice has.
  fileprivate static func read(_ scanner: inout JSONScanner) throws(JSONSyntaxError) -> Self? {
    var (item, source): (String?, String?)
    var (score, propensity, position): (Double?, Double?, Double?)
    var rules: [String]?
    try scanner.object { (scanner: inout JSONScanner, key: String) throws(JSONSyntaxError) in
      switch key {
      case "item_id": item = try scanner.text()
      case "score": score = try scanner.number()
      case "propensity": propensity = try scanner.number()
      case "position": position = try scanner.number()
      case "source": source = try scanner.text()
      case "rules" where scanner.peek() == UInt8(ascii: "["):
        var names: [String] = []
        try scanner.array { (scanner: inout JSONScanner) throws(JSONSyntaxError) in
          names.append(try scanner.string())
        }
        rules = names
      default: try scanner.skipValue()
      }
    }
    guard let item, let score, let propensity, let place = position.flatMap(Int.init(exactly:)) else {
      return nil
    }
    return Self(
      itemID: item, score: score, propensity: propensity, position: place, source: source, rules: rules)
  }
}

extension JSONScanner {
  /// A text, or nil for `null`.
  fileprivate mutating func text() throws(JSONSyntaxError) -> String? {
    try takeNull() ? nil : try string()
  }
}
