// Conditions in words: "whose stock is 0 and whose brand is not “Acme”".

extension Condition {
  /// The condition as a clause about the items or the request.
  ///
  /// `not` is moved inwards to the comparisons, so that a reader meets no "not (… and …)".
  /// - Parameter lead: what each comparison begins with, such as "whose ".
  func words(lead: Phrase, negated: Bool = false, isInner: Bool = false) -> Phrase {
    switch self {
    case .compare(let field, let test): return lead + field.words(test, negated: negated)
    case .not(let inner): return inner.words(lead: lead, negated: !negated, isInner: isInner)
    case .all(let parts), .any(let parts):
      let isAll = if case .all = self { !negated } else { negated }
      let join = isAll ? Phrase(" and ", "且") : Phrase(" or ", "或")
      let words = Phrase.list(
        parts.map { $0.words(lead: lead, negated: negated, isInner: true) }, between: join, last: join)
      return isInner ? Phrase("(", "（") + words + Phrase(")", "）") : words
    }
  }
}

extension ConditionField {
  /// One comparison in words. What `not` makes of it also holds where the value is missing, and says so.
  func words(_ test: ValueTest, negated: Bool) -> Phrase {
    let unknown = negated && !isAlwaysKnown && !test.asksWhetherKnown
    let suffix = unknown ? Phrase(" (or not known)", "（或未知）") : Phrase("", "")
    return subject + test.words(negated: negated) { value($0) } + suffix
  }

  private func value(_ literal: RuleLiteral) -> Phrase {
    switch (kind, literal) {
    case (.weekday, .number(let day)): Phrase.weekday(Int(day))
    case (.context, .text(let context)): Phrase.page(context.written)
    case (_, .number(let number)): .number(number)
    case (_, .text(let text)): .quoted(text.written)
    case (_, .truth(let truth)): truth ? Phrase("true", "真") : Phrase("false", "假")
    }
  }
}

extension ValueTest {
  fileprivate var asksWhetherKnown: Bool { self == .known || self == .missing }

  /// What the test says of its subject.
  fileprivate func words(negated: Bool, value: (RuleLiteral) -> Phrase) -> Phrase {
    switch self {
    case .equals(let literal): Self.equality(not: negated, value(literal))
    case .differs(let literal): Self.equality(not: !negated, value(literal))
    case .oneOf(let list): Self.choice(not: negated, list.literals.map(value))
    case .noneOf(let list): Self.choice(not: !negated, list.literals.map(value))
    case .ordered(let ordering, let bound):
      Self.order(negated ? ordering.opposite : ordering) + .number(bound)
    case .contains(let text):
      (negated ? Phrase(" does not contain ", "不包含") : Phrase(" contains ", "包含")) + .quoted(text.written)
    case .starts(let text):
      (negated ? Phrase(" does not start with ", "不以") : Phrase(" starts with ", "以")) + .quoted(text.written)
        + Phrase("", "开头")
    case .known: Self.knowledge(!negated)
    case .missing: Self.knowledge(negated)
    }
  }

  private static func equality(not: Bool, _ value: Phrase) -> Phrase {
    (not ? Phrase(" is not ", "不为") : Phrase(" is ", "为")) + value
  }

  private static func knowledge(_ known: Bool) -> Phrase {
    known ? Phrase(" is known", "已知") : Phrase(" is not known", "未知")
  }

  /// The values of a list; of a long one the first.
  private static func choice(not: Bool, _ values: [Phrase]) -> Phrase {
    guard values.count > 1 else { return equality(not: not, values.first ?? Phrase("", "")) }
    let comma = Phrase(", ", "、")
    if values.count > 6 {
      return (not ? Phrase(" is none of ", "不为") : Phrase(" is one of ", "为"))
        + .list(Array(values.prefix(5)), between: comma, last: comma)
        + Phrase(" and \(values.count - 5) others", "等 \(values.count) 项\(not ? "中的任何一项" : "之一")")
    }
    if not {
      return Phrase(" is neither ", "不为") + .list(values, between: comma, last: Phrase(" nor ", "或"))
    }
    return Phrase(" is ", "为") + .list(values, between: comma, last: Phrase(" or ", "或"))
  }

  private static func order(_ ordering: Ordering) -> Phrase {
    switch ordering {
    case .less: Phrase(" is below ", "小于")
    case .atMost: Phrase(" is at most ", "不超过")
    case .more: Phrase(" is above ", "大于")
    case .atLeast: Phrase(" is at least ", "不小于")
    }
  }
}

extension Ordering {
  fileprivate var opposite: Ordering {
    switch self {
    case .less: .atLeast
    case .atMost: .more
    case .more: .atMost
    case .atLeast: .less
    }
  }
}
