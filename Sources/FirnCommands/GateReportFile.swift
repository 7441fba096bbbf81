import Crypto
import FirnGate
import FirnModel
import FirnParsing
import FirnReportCore
import FirnSigning

/// A report for the gate: plain JSON, or signed (DSSE), told by its content.
enum GateReportFile {
    /// Reads a file and checks its signature.
    ///
    /// A signature that does not hold is for the gate to judge; a file that is no report at all is an input error.
    static func read(_ path: String, accepted: [PublicKey]) throws(CommandFailure) -> GateReport {
        let bytes = try SavedReport.bytes(path, limit: DSSEEnvelope.sizeLimit)
        let name = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[path.index(after: $0)...]) } ?? path
        let shown = VisibleText.escape(path)
        var signature = ReportSignature.unsigned
        var payload = bytes
        if DSSEEnvelope.isEnvelope(bytes) {
            let envelope: DSSEEnvelope
            do {
                envelope = try DSSEEnvelope.decode(bytes)
            } catch {
                throw CommandFailure("\(shown): \(VisibleText.escape(error.description))")
            }
            guard envelope.payloadType == .report else {
                throw CommandFailure(
                    "\(shown): this is a signed document of the type "
                        + "'\(VisibleText.escape(envelope.payloadType.rawValue, limit: 80))', not a report")
            }
            payload = envelope.payload
            signature = Self.signature(of: envelope, accepted: accepted)
        }
        do {
            return GateReport(
                name: name, digest: SHA256.text(of: bytes), report: try ReportJSON.decode(payload),
                signature: signature)
        } catch {
            throw CommandFailure("\(shown): \(VisibleText.escape(error.description))")
        }
    }

    private static func signature(of envelope: DSSEEnvelope, accepted: [PublicKey]) -> ReportSignature {
        do {
            let verified = try envelope.verify(expecting: .report, accepted: accepted)
            guard let signer = verified.signers.first else { return .unsigned }
            return .signed(by: signer.fingerprint)
        } catch {
            switch error {
            case .noSignature: return .unsigned
            case .unknownKey, .noAcceptedKey: return .unknownKey(error.description)
            default: return .invalid(error.description)
            }
        }
    }

    /// The keys of a policy.
    static func keys(_ policy: GatePolicy) throws(CommandFailure) -> [PublicKey] {
        var keys: [PublicKey] = []
        for key in policy.agentKeys {
            do {
                keys.append(try PublicKey(openSSH: key.key))
            } catch {
                throw CommandFailure(
                    "\(VisibleText.escape(policy.file)):\(key.line): the agent key "
                        + "\"\(VisibleText.escape(key.name, limit: 80))\": \(VisibleText.escape(error.description))")
            }
        }
        return keys
    }
}
