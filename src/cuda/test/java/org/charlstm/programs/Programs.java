package org.charlstm.programs;

import module java.base;

/**
 * Runs compact source files that have been compiled, one after the other; in a package that charlstm does not have.
 * Words behind a program's name are its arguments.
 */
public final class Programs {
    /** Before the name of each. */
    public static final String MARK = "---- ";

    private Programs() {
    }

    public static void main(String[] programs) throws ReflectiveOperationException {
        for (String program : programs) {
            System.out.println(MARK + program);
            String[] words = program.split(" ", -1);
            Constructor<?> made = Class.forName(words[0]).getDeclaredConstructor();
            made.setAccessible(true);
            boolean takesNone = Arrays.stream(made.getDeclaringClass().getDeclaredMethods())
                    .anyMatch(method -> method.getName().equals("main") && method.getParameterCount() == 0);
            Method main = made.getDeclaringClass().getDeclaredMethod("main",
                    takesNone ? new Class<?>[0] : new Class<?>[] {String[].class});
            main.setAccessible(true);
            main.invoke(made.newInstance(), takesNone ? new Object[0]
                    : new Object[] {Arrays.copyOfRange(words, 1, words.length)});
        }
    }
}
