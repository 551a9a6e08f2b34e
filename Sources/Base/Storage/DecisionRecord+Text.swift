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
