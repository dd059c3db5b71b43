package org.charlstm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.junit.jupiter.api.Test;

/** Programs see the types that a page or an example names, and those that these need. */
class ExportsTest {
    private static final List<Path> MODULES = Stream.of("kernels", "charlstm")
            .map(module -> Path.of("src", module, "main", "java")).toList();
    /** More are a sign that something of the tool's own is public. */
    private static final int MOST = 90;
    private static final Pattern CODE = Pattern.compile("(?s)```java\n.*?```|`[^`\n]+`");

    private static List<Path> files(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
        }
    }

    private static Set<Class<?>> exported() throws IOException, ClassNotFoundException {
        Set<Class<?>> types = new LinkedHashSet<>();
        for (Path main : MODULES) {
            for (MatchResult room : Pattern.compile("exports ([a-z.]+);")
                    .matcher(Files.readString(main.resolve("module-info.java"))).results().toList()) {
                for (Path file : files(main.resolve(room.group(1).replace('.', '/')), ".java")) {
                    addPublic(room.group(1) + "." + file.getFileName().toString().replace(".java", ""), types);
                }
            }
        }
        return types;
    }

    private static void addPublic(String name, Set<Class<?>> types) throws ClassNotFoundException {
        if (!name.endsWith(".package-info")) {
            Class<?> type = Class.forName(name, false, ExportsTest.class.getClassLoader());
            if (Modifier.isPublic(type.getModifiers())) {
                types.add(type);
            }
        }
    }

    /** All code of the pages, and the examples. */
    private static String shown() throws IOException {
        StringBuilder shown = new StringBuilder();
        for (Path page : Stream.concat(files(Path.of("docs"), ".md").stream(), Stream.of(Path.of("README.md"),
                Path.of("src", "charlstm", "README.md"), Path.of("src", "kernels", "README.md"))).toList()) {
            CODE.matcher(Files.readString(page)).results().forEach(code -> shown.append(code.group()).append('\n'));
        }
        for (Path example : files(Path.of("examples"), ".java")) {
            shown.append(Files.readString(example));
        }
        return shown.toString();
    }

    @Test
    void eachIsNamedOrNeededByOneThatIs() throws IOException, ClassNotFoundException {
        Set<Class<?>> exported = exported();
        String shown = shown();
        Set<Class<?>> forPrograms = exported.stream()
                .filter(type -> Pattern.compile("\\b" + type.getSimpleName() + "\\b").matcher(shown).find())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        Deque<Class<?>> next = new ArrayDeque<>(forPrograms);
        while (!next.isEmpty()) {
            Set<Class<?>> needs = new LinkedHashSet<>();
            signature(next.remove(), needs);
            needs.stream().filter(exported::contains).filter(forPrograms::add).forEach(next::add);
        }
        exported.removeAll(forPrograms);
        assertEquals(Set.of(), exported, "no page and no example names these, and nothing that they name needs them");
        assertTrue(forPrograms.size() <= MOST, forPrograms.size() + " types are exported; at most " + MOST);
    }

    /** The types that the public members of one have, and those that a sealed one is. */
    private static void signature(Class<?> type, Set<Class<?>> types) {
        add(type.getGenericSuperclass(), types);
        add(types, type.getGenericInterfaces());
        if (type.isSealed()) {
            add(types, type.getPermittedSubclasses());
        }
        Stream.<Executable>concat(Arrays.stream(type.getDeclaredMethods()),
                Arrays.stream(type.getDeclaredConstructors()))
                .filter(member -> isForPrograms(member.getModifiers()) && !member.isSynthetic()).forEach(member -> {
                    add(types, member.getGenericParameterTypes());
                    add(types, member.getGenericExceptionTypes());
                    if (member instanceof Method method) {
                        add(method.getGenericReturnType(), types);
                    }
                });
        for (Field field : type.getDeclaredFields()) {
            if (isForPrograms(field.getModifiers())) {
                add(field.getGenericType(), types);
            }
        }
        for (Class<?> inner : type.getDeclaredClasses()) {
            if (isForPrograms(inner.getModifiers())) {
                signature(inner, types);
            }
        }
    }

    private static boolean isForPrograms(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private static void add(Set<Class<?>> types, Type... named) {
        for (Type type : named) {
            add(type, types);
        }
    }

    private static void add(Type named, Set<Class<?>> types) {
        switch (named) {
            case Class<?> type -> {
                Class<?> outer = type.isArray() ? type.getComponentType() : type;
                while (outer.getEnclosingClass() != null) {
                    outer = outer.getEnclosingClass();
                }
                types.add(outer);
            }
            case ParameterizedType type -> {
                add(type.getRawType(), types);
                add(types, type.getActualTypeArguments());
            }
            case GenericArrayType type -> add(type.getGenericComponentType(), types);
            case WildcardType type -> add(types, type.getUpperBounds());
            case null, default -> {
                // The superclass of an interface, or a variable.
            }
        }
    }
}
