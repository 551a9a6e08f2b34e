import Commerce

extension DecisionRecord {
  /// The record as JSON text that decodes to the same record. Decisions are written down at the rate at which pages are asked
  /// for, where Foundation's encoder takes several times as long.
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
  /// Reads a record from its JSON text, several times as fast as Foundation's decoder: a shop's decisions of months are read when
  /// a rule looks back on them.
  ///
  /// - Throws: `DecodingError` for a text that is no record.
  public init(text: some Collection<UInt8>) throws {
    let value = try JSONValue(json: text)
    self.init(
      decisionID: try value.text("decisionID"), kind: try value.text("kind"),
      customerID: value["customerID"]?.string, madeAt: try value.moment("madeAt"),
      model: try value.text("model"), choices: try (value["choices"]?.array ?? []).map(Choice.init),
      trace: value["trace"]?.string)
  }
}

extension DecisionRecord.Choice {
  fileprivate init(_ value: JSONValue) throws {
    self.init(
      itemID: try value.text("item_id"), score: try value.number("score"),
      propensity: try value.number("propensity"), position: try value.whole("position"),
      source: value["source"]?.string, rules: value["rules"]?.array.map { $0.compactMap(\.string) })
  }
}

extension JSONValue {
  fileprivate func text(_ key: String) throws -> String {
    guard let text = self[key]?.string else { throw Self.missing(key, "a text") }
    return text
  }

  fileprivate func number(_ key: String) throws -> Double {
    guard let number = self[key]?.number else { throw Self.missing(key, "a number") }
    return number
  }

  fileprivate func whole(_ key: String) throws -> Int {
    guard let number = self[key]?.integer else { throw Self.missing(key, "a whole number") }
    return number
  }

  fileprivate func moment(_ key: String) throws -> Timestamp {
    guard let moment = Timestamp(rfc3339: try text(key)) else { throw Self.missing(key, "an RFC 3339 time") }
    return moment
  }

  private static func missing(_ key: String, _ expected: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: [], debugDescription: "a decision's \(key) is not \(expected)"))
  }
}
