package dev.gradwatch.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gradwatch.cluster.SubjectRegistry.Registered;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Confluent's registry API over {@link SubjectRegistry}: which path means what, and which JSON answers it. */
final class RegistryApi {

    /** A request, decoded. {@code path} has no empty parts; {@code query} keeps the last of repeated names. */
    record Request(String method, List<String> path, Map<String, String> query, String body) {

        boolean flag(String name) {
            return Boolean.parseBoolean(query.get(name));
        }

        String part(int index) {
            return path.get(index);
        }
    }

    private static final ObjectMapper JSON = JsonMapper.builder().build();

    private final SubjectRegistry registry;

    RegistryApi(SubjectRegistry registry) {
        this.registry = registry;
    }

    /** The value that answers the request, for JSON. */
    Object answer(Request request) throws IOException {
        if (request.path().isEmpty()) {
            return Map.of();
        }
        return switch (request.part(0)) {
            case "subjects" -> subjects(request);
            case "schemas" -> schemas(request);
            case "compatibility" -> compatibility(request);
            case "config" -> config(request);
            case "mode" -> mode(request);
            default -> throw notFound();
        };
    }

    private Object subjects(Request request) throws IOException {
        boolean deleted = request.flag("deleted");
        int depth = request.path().size();
        if (depth == 1) {
            only(request, "GET");
            return registry.subjects(deleted, request.query().getOrDefault("subjectPrefix", ""));
        }
        String subject = request.part(1);
        if (depth == 2) {
            return switch (request.method()) {
                case "POST" -> place(registry.lookUp(subject, schemaIn(request), deleted));
                case "DELETE" -> registry.delete(subject, request.flag("permanent"));
                default -> throw notAllowed(request);
            };
        }
        if (!request.part(2).equals("versions")) {
            throw notFound();
        }
        return switch (depth) {
            case 3 -> versions(request, subject);
            case 4 -> version(request, subject);
            case 5 -> partOfVersion(request, subject);
            default -> throw notFound();
        };
    }

    private Object versions(Request request, String subject) throws IOException {
        return switch (request.method()) {
            case "GET" -> registry.versions(subject, request.flag("deleted"));
            case "POST" -> Map.of("id", registry.register(subject, schemaIn(request)));
            default -> throw notAllowed(request);
        };
    }

    private Object version(Request request, String subject) throws IOException {
        return switch (request.method()) {
            case "GET" -> place(registry.version(subject, request.part(3), request.flag("deleted")));
            case "DELETE" -> registry.deleteVersion(subject, request.part(3), request.flag("permanent"));
            default -> throw notAllowed(request);
        };
    }

    private Object partOfVersion(Request request, String subject) throws IOException {
        only(request, "GET");
        Registered version = registry.version(subject, request.part(3), request.flag("deleted"));
        return switch (request.part(4)) {
            case "schema" -> JSON.readTree(version.schema());
            case "referencedby" -> List.of();
            default -> throw notFound();
        };
    }

    private Object schemas(Request request) throws IOException {
        only(request, "GET");
        int depth = request.path().size();
        if (depth == 2 && request.part(1).equals("types")) {
            return List.of("AVRO");
        }
        if (depth < 3 || depth > 4 || !request.part(1).equals("ids")) {
            throw notFound();
        }
        int id = id(request.part(2));
        if (depth == 3) {
            return Map.of("schema", registry.schema(id));
        }
        return switch (request.part(3)) {
            case "schema" -> JSON.readTree(registry.schema(id));
            case "subjects" ->
                registry.placesOf(id, request.flag("deleted")).stream()
                        .map(Registered::subject)
                        .distinct()
                        .toList();
            case "versions" ->
                registry.placesOf(id, request.flag("deleted")).stream()
                        .map(p -> Map.of("subject", p.subject(), "version", p.version()))
                        .toList();
            default -> throw notFound();
        };
    }

    private Object compatibility(Request request) throws IOException {
        int depth = request.path().size();
        if (depth < 4
                || depth > 5
                || !request.part(1).equals("subjects")
                || !request.part(3).equals("versions")) {
            throw notFound();
        }
        only(request, "POST");
        String subject = request.part(2);
        String schema = schemaIn(request);
        List<String> objections = depth == 5
                ? registry.objections(subject, request.part(4), schema)
                : registry.objections(subject, schema);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("is_compatible", objections.isEmpty());
        if (request.flag("verbose")) {
            answer.put("messages", objections);
        }
        return answer;
    }

    private Object config(Request request) throws IOException {
        return switch (request.path().size()) {
            case 1 -> globalConfig(request);
            case 2 -> subjectConfig(request, request.part(1));
            default -> throw notFound();
        };
    }

    private Object globalConfig(Request request) throws IOException {
        return switch (request.method()) {
            case "GET" -> Map.of("compatibilityLevel", registry.level());
            case "PUT" -> updated(registry::setLevel, request);
            case "DELETE" -> {
                CompatibilityLevel had = registry.level();
                registry.setLevel(RegistryState.empty().compatibility());
                yield Map.of("compatibilityLevel", had);
            }
            default -> throw notAllowed(request);
        };
    }

    private Object subjectConfig(Request request, String subject) throws IOException {
        return switch (request.method()) {
            case "GET" -> Map.of("compatibilityLevel", registry.level(subject, request.flag("defaultToGlobal")));
            case "PUT" -> updated(level -> registry.setLevel(subject, level), request);
            case "DELETE" -> Map.of("compatibilityLevel", registry.forgetLevel(subject));
            default -> throw notAllowed(request);
        };
    }

    private interface LevelChange {
        void to(CompatibilityLevel level) throws IOException;
    }

    private static Object updated(LevelChange change, Request request) throws IOException {
        CompatibilityLevel level =
                CompatibilityLevel.named(body(request).path("compatibility").asText());
        change.to(level);
        return Map.of("compatibility", level);
    }

    /** This registry is always open for writing; the path exists because clients ask. */
    private static Object mode(Request request) {
        only(request, "GET");
        if (request.path().size() > 2) {
            throw notFound();
        }
        return Map.of("mode", "READWRITE");
    }

    private static Object place(Registered registered) {
        Map<String, Object> place = new LinkedHashMap<>();
        place.put("subject", registered.subject());
        place.put("version", registered.version());
        place.put("id", registered.id());
        place.put("schema", registered.schema());
        return place;
    }

    private static String schemaIn(Request request) {
        JsonNode body = body(request);
        String type = body.path("schemaType").asText("AVRO");
        if (!type.equals("AVRO") && !body.path("schemaType").isNull()) {
            throw RegistryError.invalidSchema("this registry knows the type AVRO only, not '" + type + "'");
        }
        if (!body.path("references").isEmpty()) {
            throw RegistryError.invalidSchema("this registry does not resolve references to other schemas");
        }
        if (!body.path("schema").isTextual()) {
            throw RegistryError.invalidSchema("the request has no field 'schema' with the schema's text");
        }
        return body.path("schema").textValue();
    }

    private static JsonNode body(Request request) {
        try {
            return JSON.readTree(request.body());
        } catch (JsonProcessingException e) {
            throw new RegistryError(400, 400, "The request is not JSON: " + e.getOriginalMessage());
        }
    }

    private static int id(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw notFound();
        }
    }

    private static void only(Request request, String method) {
        if (!request.method().equals(method)) {
            throw notAllowed(request);
        }
    }

    private static RegistryError notAllowed(Request request) {
        return new RegistryError(405, 405, "HTTP 405 Method Not Allowed: " + request.method());
    }

    private static RegistryError notFound() {
        return new RegistryError(404, 404, "HTTP 404 Not Found");
    }
}
