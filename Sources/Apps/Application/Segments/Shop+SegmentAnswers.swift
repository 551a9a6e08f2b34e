import Commerce
import Customers
import Features
import Foundation
import Segmentation

/// What is answered of segments.
extension Shop {
  /// Which segments a list holds.
  public enum SegmentKind: String, Sendable, CaseIterable {
    /// Those found by how customers buy.
    case cluster
    /// Those named by recency, frequency and money.
    case rfm
    /// Those that people wrote a rule for.
    case rule
  }

  /// One page of the segments.
  public nonisolated func segments(_ kind: SegmentKind?, page: PageRequest) async throws -> Page {
    let scene = try await segmentScene()
    let writer = SegmentWriter(model: scene.model)
    var rows: [JSONValue] = []
    if kind == nil || kind == .cluster {
      rows += scene.model.segments.enumerated().map { writer.row($1, kind: "cluster", place: $0) }
    }
    if kind == nil || kind == .rfm {
      rows += scene.model.groups.map { writer.row($0, kind: "rfm", place: nil) }
    }
    if kind == nil || kind == .rule {
      for rule in try await segmentRules() { rows.append(try await row(of: rule, scene)) }
    }
    var answer = try Page.slice(rows, name: "segments", page) { $0 }
    answer.extra = writer.facts()
    answer.extra["all_customers"] = JSONValue(await customers.entries.count)
    answer.extra["model"] = scene.live.json(named: ModelName.segments)
    return answer
  }

  /// One segment with all that is known of it.
  ///
  /// - Throws: `ApplicationError.notFound`.
  public nonisolated func segment(_ id: String) async throws -> JSONValue {
    let scene = try await segmentScene()
    let writer = SegmentWriter(model: scene.model)
    guard let found = scene.find(id) else {
      guard let rule = try await segmentRules().first(where: { $0.id == id }) else {
        throw ApplicationError.notFound(what: "segment", id: id)
      }
      return try await detail(of: rule, scene)
    }
    var detail: JSONValue =
      switch found {
      case .segment(let place): writer.detail(scene.segment(found), kind: "cluster", place: place)
      case .group: writer.detail(scene.segment(found), kind: "rfm", place: nil)
      }
    detail.take(writer.facts(), ["as_of", "date", "days", "customers"])
    return detail
  }

  /// The ids of a segment's customers.
  ///
  /// - Throws: `ApplicationError.notFound`.
  nonisolated func members(ofSegment id: String) async throws -> Set<String> {
    if let rule = try await segmentRules().first(where: { $0.id == id }) {
      let names = await frame.customers
      return Set(try await customers(meeting: rule.rule).map { names[$0] })
    }
    let scene = try await segmentScene()
    guard let found = scene.find(id) else { throw ApplicationError.notFound(what: "segment", id: id) }
    return scene.members(found)
  }

  /// A sample of customers on the map.
  public nonisolated func segmentMap() async throws -> JSONValue {
    let scene = try await segmentScene()
    let (model, map) = (scene.model, scene.model.map)
    let writer = SegmentWriter(model: model)
    return [
      "as_of": JSONValue(model.asOf), "customers": JSONValue(model.count),
      "shown": JSONValue(map.points.count), "segments": .array(model.segments.indices.map(writer.reference)),
      "methods": .array(
        [
          ["method": "PCA", "trust": JSONValue(map.principalTrust), "explained": Self.numbers(map.explained)]
        ]
          + (map.points.contains { $0.neighbours != nil }
            ? [["method": "t-SNE", "trust": JSONValue(map.neighbourTrust), "explained": nil]] : [])),
      "points": .array(
        map.points.map { point in
          [
            "customer_id": .string(model.customers[point.customer]),
            "segment": .string(model.segments[Int(model.labels[point.customer])].id),
            "pca": Self.numbers(point.principal), "tsne": point.neighbours.map(Self.numbers) ?? nil,
          ]
        }),
    ]
  }

  /// How customers moved between segments over a number of four-week steps.
  ///
  /// - Throws: `ApplicationError.invalidParameter` for more steps than are known.
  public nonisolated func segmentMigration(steps: Int) async throws -> JSONValue {
    let scene = try await segmentScene()
    let (model, writer) = (scene.model, SegmentWriter(model: scene.model))
    guard !model.snapshots.isEmpty else {
      throw ApplicationError.conflict(
        reason: "The purchases do not reach back far enough to see how customers moved between segments.")
    }
    guard (1...model.snapshots.count).contains(steps) else {
      throw ApplicationError.invalidParameter(
        name: "steps", value: "\(steps)", expected: "a whole number from 1 to \(model.snapshots.count)")
    }
    let snapshot = model.snapshots[model.snapshots.count - steps]
    return [
      "as_of": JSONValue(model.asOf), "from_date": .string(SegmentWriter.date(snapshot.day)),
      "to_date": .string(SegmentWriter.date(model.day)), "days": JSONValue(model.days),
      "steps": JSONValue(steps), "most_steps": JSONValue(model.snapshots.count),
      "segments": .array(
        model.segments.indices.map { place in
          var row = writer.reference(place)
          row["before"] = JSONValue(snapshot.sizes[place])
          row["now"] = JSONValue(model.segments[place].size)
          row["stayed"] = JSONValue(
            snapshot.sizes[place] - snapshot.flows.filter { $0.from == place }.reduce(0) { $0 + $1.customers }
              - Self.left(snapshot, model, from: place))
          row["left"] = JSONValue(Self.left(snapshot, model, from: place))
          row["joined"] = JSONValue(Self.joined(snapshot, model, to: place))
          return row
        }), "flows": .array(snapshot.flows.map(writer.flow)), "stayed": JSONValue(snapshot.stayed),
      "left": JSONValue(snapshot.left), "joined": JSONValue(snapshot.joined),
      "drift": .array(
        model.snapshots.map { one in
          [
            "date": .string(SegmentWriter.date(one.day)), "stability_index": JSONValue(one.stabilityIndex),
            "distance": JSONValue(one.distance), "stayed": JSONValue(one.stayed),
            "sizes": .array(one.sizes.map { JSONValue($0) }),
          ]
        }), "summary": SegmentWriter.words(writer.migrationSummary(snapshot)),
    ]
  }

  private static func numbers(_ values: [Double]) -> JSONValue { .array(values.map { JSONValue($0) }) }

  private static func left(_ snapshot: ShopSegments.Snapshot, _ model: ShopSegments, from place: Int) -> Int {
    zip(snapshot.labels, model.labels).count { Int($0) == place && $1 < 0 }
  }

  private static func joined(_ snapshot: ShopSegments.Snapshot, _ model: ShopSegments, to place: Int) -> Int {
    zip(snapshot.labels, model.labels).count { $0 < 0 && Int($1) == place }
  }

  /// Two segments side by side.
  public nonisolated func compareSegments(_ first: String, _ second: String) async throws -> JSONValue {
    let (a, b) = (try await segment(first), try await segment(second))
    let left = Dictionary(
      (a["needs"]?.array ?? []).map { ($0["subject_id"]?.string ?? "", $0) },
      uniquingKeysWith: { first, _ in first })
    let right = Dictionary(
      (b["needs"]?.array ?? []).map { ($0["subject_id"]?.string ?? "", $0) },
      uniquingKeysWith: { first, _ in first })
    let subjects = Set(left.keys).union(right.keys).sorted()
    let features = zip(a["features"]?.array ?? [], b["features"]?.array ?? []).map { own, other in
      var row = own
      row["a"] = own["mean"]
      row["b"] = other["mean"]
      row["mean"] = nil
      return row
    }
    return [
      "a": a, "b": b, "features": .array(features),
      "needs": .array(
        subjects.map { ["subject_id": .string($0), "a": left[$0] ?? nil, "b": right[$0] ?? nil] }),
    ]
  }
}

extension JSONValue {
  /// Takes over some members of another object.
  mutating func take(_ members: [String: JSONValue], _ names: [String]) {
    for name in names { self[name] = members[name] }
  }
}
