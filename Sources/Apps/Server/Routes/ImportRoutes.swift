import Application
import Commerce
import Foundation
import Hummingbird
import Ingestion
import NIOCore

/// Files in, and how good the data are.
struct ImportRoutes {
  let server: LodeServer
  private static let previewLimit = 1 << 20
  private static let spareDisk = 256 << 20

  func add(to api: RouterGroup<LodeRequestContext>) {
    api.post("imports") { request, context in
      try context.require(.operate)
      let shop = try await server.shop(context)
      let query = request.query
      let mapping = try query.text("mapping", maximumLength: 64 << 10)
      let kind = try query.choice("kind", of: Mapping.Kind.self) ?? .events
      let name = try query.text("filename", maximumLength: 255) ?? "upload.csv"
      try await shop.requireRoomForJob()
      return try await server.admission.upload {
        let file = try shop.newUpload(named: name)
        try await save(request, to: file, limit: server.configuration.uploadLimit)
        let job = try await shop.submitImport(of: file, kind: kind, mapping: mapping)
        return answer(job.json, status: .accepted)
      }
    }
    api.post("imports/preview") { request, context in
      try context.require(.operate)
      let shop = try await server.shop(context)
      let kind = try request.query.choice("kind", of: Mapping.Kind.self)
      let fields = try request.query.fields()
      let name = try request.query.text("filename", maximumLength: 255) ?? "upload.csv"
      return try await server.admission.upload {
        let file = try shop.newUpload(named: name)
        defer { try? FileManager.default.removeItem(at: file.deletingLastPathComponent()) }
        try await save(request, to: file, limit: Self.previewLimit + (64 << 10))
        return answer(try await shop.preview(file, kind: kind, fields: fields))
      }
    }
    api.get("imports") { request, context in
      try context.require(.read)
      let shop = try await server.shop(context)
      let list = Listing(whole: "imports") { try await shop.imports(page: $0) }
      return try await answer(list, columns: CSVColumns.imports, to: request)
    }
    api.get("data-quality") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).dataQuality())
    }
    api.post("dead-letters/{dead_letter_id}/replay") { request, context in
      try context.require(.operate)
      let id = Int64(try ModelRoutes.integer("dead_letter_id", of: context))
      let shop = try await server.shop(context)
      return try await server.takingIn(request, to: shop) { request in
        let body = try await request.json()
        guard body == .null || body.object != nil,
          body["raw"].map({ $0.string != nil || $0 == .null }) ?? true
        else {
          throw Problem.body("The body is neither empty nor {\"raw\": \"the row put right\"}.")
        }
        return answer(try await shop.replayDeadLetter(id, raw: body["raw"]?.string))
      }
    }
  }

  /// Refuses a file that says that it is too large, or that would leave no room on the disk for the shop's events.
  private func requireRoom(for request: Request, in folder: URL, limit: Int) throws {
    let length = request.headers[.contentLength].flatMap { Int($0) } ?? 0
    guard length <= limit else { throw ApplicationError.tooLarge(limitBytes: limit) }
    let disk = try FileManager.default.attributesOfFileSystem(forPath: folder.path)
    guard let free = (disk[.systemFreeSize] as? NSNumber)?.int64Value else { return }
    guard free - Int64(Self.spareDisk) >= Int64(length) else {
      throw Problem(
        .serviceUnavailable, "Disk full",
        detail: "The disk of the server has no room for this file; nothing of it was kept.",
        retryAfterSeconds: 60, isLogged: true)
    }
  }

  /// Writes a body to a file as it comes in; removes the file when it is too large or breaks off.
  private func save(_ request: Request, to file: URL, limit: Int) async throws {
    do {
      try requireRoom(for: request, in: file.deletingLastPathComponent(), limit: limit)
      guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
        throw Problem(.serviceUnavailable, "Storage unavailable", detail: "The upload cannot be kept.")
      }
      let handle = try FileHandle(forWritingTo: file)
      defer { try? handle.close() }
      var length = 0
      for try await part in request.body {
        length += part.readableBytes
        guard length <= limit else { throw ApplicationError.tooLarge(limitBytes: limit) }
        try handle.write(contentsOf: Data(part.readableBytesView))
      }
      guard length > 0 else {
        throw Problem.body("The body is empty; expected the bytes of a file.")
      }
      try request.requireWhole(length)
      try handle.synchronize()
    } catch {
      try? FileManager.default.removeItem(at: file.deletingLastPathComponent())
      throw error
    }
  }
}

extension Query {
  /// `fields`: an object of field names and the names of their columns, null for a field without one.
  fileprivate func fields() throws -> [String: String?] {
    guard let raw = try text("fields", maximumLength: 16 << 10) else { return [:] }
    let expected = "an object of field names and column names, such as {\"timestamp\": \"paid at\"}"
    guard case .object(let members)? = try? JSONValue(json: Data(raw.utf8)) else {
      throw ApplicationError.invalidParameter(name: "fields", value: raw, expected: expected)
    }
    return try members.mapValues { column -> String? in
      guard column != .null else { return nil }
      guard let name = column.string else {
        throw ApplicationError.invalidParameter(name: "fields", value: raw, expected: expected)
      }
      return name
    }
  }
}
