import Commerce
import Foundation
import MathKernels

/// Which touch points conversions are owed to, by several models side by side.
///
/// A conversion is an event of its selector; lines of one order that follow one another are one, at the first line's time
/// and with the money of all lines that meet the selector. Its journey are the touches at or before it and within the
/// look-back, the conversion's own event among them when it is a touch. Conversions without a touch are counted as
/// untouched and credit nobody. With K touch points in a journey: `first`, `last` and `linear` are as they say;
/// `time_decay` weighs a touch by 2^(−age / half-life); `position` gives 40 % to each end and shares 20 % between (halves
/// for two); `shapley` is the Shapley value of the game whose worth is the conversions of journeys that need no other
/// touch points, which is an equal part for each different touch point of a journey; `markov` is the removal effect in
/// a first-order chain of all journeys, also those that led nowhere (the touches after a customer's last conversion),
/// scaled to the conversions.
///
/// Sources: Anderl et al. (2016), https://doi.org/10.1016/j.ijresmar.2016.03.001; Zhao et al. (2018),
/// https://arxiv.org/abs/1804.05327. Both leave the value of each conversion alone; here the Markov shares split it too.
/// - Complexity: O(events + conversions × touches within the look-back + K⁴).
struct AttributionAnalysis: Analysis {
  let definition: AnalysisDefinition
  let question: AttributionQuestion
  let data: AnalyticsData
  let range: Range<Int64>
  let marks: EventMarks
  /// The money of lines, which their order's first line stands for in `marks`.
  private let lineMarks: EventMarks
  let points: Grouping

  init(_ definition: AnalysisDefinition, _ question: AttributionQuestion, _ data: AnalyticsData) throws {
    self.definition = definition
    self.question = question
    self.data = data
    range = definition.span.range(in: data)
    var lines = definition
    lines.unit = .event
    let selectors = [question.conversion, question.touch]
    marks = try EventMarks.ofPositions(selectors, definition, data, in: range)
    lineMarks =
      definition.unit == .event ? marks : try EventMarks.ofPositions(selectors, lines, data, in: range)
    points = Grouping(.init(question.by, top: question.top), data, marks, bits: 2, ofRows: false)
  }

  /// A customer's touches and conversions, in time order.
  struct Journeys: Sendable {
    var touches: [(time: Int64, point: Int)] = []
    /// Time, money in minor units, and how many touches are at or before it.
    var conversions: [(time: Int64, money: Int64, touches: Int)] = []
  }

  func collect(_ customer: Int, _ journeys: inout Journeys) {
    journeys.touches.removeAll(keepingCapacity: true)
    journeys.conversions.removeAll(keepingCapacity: true)
    let (rows, times, marked, lines) = (data.index.rows, data.index.times, marks.bits, lineMarks.bits)
    for position in data.index.positions(of: customer) where (marked[position] | lines[position]) & 3 != 0 {
      let row = Int(rows[position])
      let bits = marked[position]
      if bits & 3 != 0 {
        let time = times[position]
        if bits & 2 != 0 { journeys.touches.append((time, points.group(row))) }
        if bits & 1 != 0 { journeys.conversions.append((time, 0, journeys.touches.count)) }
      }
      // A line that its order's first line stands for adds its money to that conversion.
      let own = lines[position]
      if own & 1 != 0, !journeys.conversions.isEmpty {
        journeys.conversions[journeys.conversions.count - 1].money += data.frame.amount[row]
      }
    }
  }

  /// The first touch within the look-back of a conversion.
  func firstTouch(_ journeys: Journeys, _ conversion: (time: Int64, money: Int64, touches: Int)) -> Int {
    var first = conversion.touches
    while first > 0, conversion.time - journeys.touches[first - 1].time <= question.lookback { first -= 1 }
    return first
  }

  private func counted() -> AttributionTally {
    let empty = AttributionTally(points: points.count, models: question.models)
    let halfLife = Double(question.halfLife)
    return data.tally({ empty }) { block, tally in
      var journeys = Journeys()
      for customer in block {
        collect(customer, &journeys)
        for conversion in journeys.conversions {
          let first = firstTouch(journeys, conversion)
          tally.add(
            journeys.touches[first..<conversion.touches], at: conversion.time,
            value: question.usesAmount ? Double(conversion.money) : 0, halfLife: halfLife)
        }
        tally.addTouches(
          journeys.touches, customer, converted: journeys.conversions.last.map { $0.touches } ?? 0)
      }
    } join: {
      $0.add($1)
    }
  }

  func result() throws -> AnalysisResult {
    let tally = counted()
    var credits = AnalysisTable("credits", ["model", "touch", "touch_kind", "conversions", "value", "share"])
    var touches = AnalysisTable(
      "touches", ["touch", "touch_kind", "touches", "customers", "converting_customers"])
    let scale = data.frame.currency.minorUnitsPerMajor
    for model in question.models {
      let (conversions, values) = tally.credits(model)
      for (place, point) in points.groups.enumerated() {
        credits.append(
          [.string(model.rawValue)] + point.cells + [.number(conversions[place])]
            + [question.usesAmount ? .number(values[place] / scale) : .null]
            + [tally.attributed > 0 ? .number(conversions[place] / Double(tally.attributed)) : .null],
          point: [
            "model": .string(model.rawValue), "touch": .string(point.label),
            "touch_kind": .string(point.kind),
          ])
      }
    }
    for (place, point) in points.groups.enumerated() {
      touches.append(
        point.cells + [JSONValue(tally.touches[place]), JSONValue(tally.customers[place])]
          + [JSONValue(tally.converting[place])],
        point: ["touch": .string(point.label), "touch_kind": .string(point.kind)])
    }
    var result = AnalysisResult(definition, range, data)
    result.tables = [credits, touches]
    result.sample = [
      "events": JSONValue(marks.count), "conversions": JSONValue(tally.attributed + tally.untouched),
      "attributed": JSONValue(tally.attributed), "untouched": JSONValue(tally.untouched),
      "journeys_without_conversion": JSONValue(tally.lost),
    ]
    if question.usesAmount { result.sample["value"] = .number(tally.value / scale) }
    result.note(marks, data)
    return result
  }

  func customers(at point: PointReader) throws -> [Int32] {
    let table = try point.table("credits", "touches")
    let name = try point.reader.required("touch", "a touch point of the answer")
    let kind = point.reader.member("touch_kind")?.value.string
    let found = points.groups.firstIndex { $0.label == name.value.string && (kind == nil || $0.kind == kind) }
    guard let found else { throw name.fault("a touch point of the answer") }
    let model =
      table == "credits"
      ? try point.reader.required("model", "a model").oneOf(AttributionQuestion.Model.self) : nil
    return data.customers(scratch: { Journeys() }) { customer, journeys in
      collect(customer, &journeys)
      guard let model else { return journeys.touches.contains { $0.point == found } }
      return journeys.conversions.contains { conversion in
        let own = journeys.touches[firstTouch(journeys, conversion)..<conversion.touches]
        switch model {
        case .first: return own.first?.point == found
        case .last: return own.last?.point == found
        default: return own.contains { $0.point == found }
        }
      }
    }
  }
}
