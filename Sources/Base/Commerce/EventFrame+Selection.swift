extension EventFrame {
  /// The events of some customers, in the same order; those without a customer stay.
  ///
  /// - Parameter isChosen: asked once for each customer, in the order of their indices.
  /// - Complexity: O(n).
  public func selecting(customers isChosen: (Int32) -> Bool) -> EventFrame {
    let chosen = (0..<Int32(customers.count)).map(isChosen)
    return selecting { customer[$0] < 0 || chosen[Int(customer[$0])] }
  }

  /// The events up to a moment, that moment included, in the same order.
  ///
  /// - Complexity: O(n).
  public func through(_ moment: Timestamp) -> EventFrame {
    selecting { timestamp[$0] <= moment.milliseconds }
  }

  private func selecting(_ isChosen: (Int) -> Bool) -> EventFrame {
    func name(_ index: Int32, _ ids: Vocabulary) -> String? { index >= 0 ? ids[index] : nil }
    func number(_ value: Float) -> Double? { value.isNaN ? nil : Double(value) }
    var selection = EventFrame(currency: currency)
    for row in 0..<count where isChosen(row) {
      selection.append(
        Row(
          sequence: sequence[row], kind: EventKind(code: kind[row]) ?? .view,
          customerID: name(customer[row], customers), sessionID: name(session[row], sessions),
          itemID: name(item[row], items), orderID: name(order[row], orders),
          timestamp: Timestamp(milliseconds: timestamp[row]), quantity: number(quantity[row]),
          amount: Money(minorUnits: amount[row], currency: currency),
          discount: discount[row] == 0 ? nil : Money(minorUnits: discount[row], currency: currency).amount,
          rating: number(rating[row]), channel: name(channel[row], channels),
          device: name(device[row], devices), query: name(query[row], queries),
          campaign: name(campaign[row], campaigns)))
    }
    return selection
  }
}
