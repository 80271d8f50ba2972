package dev.gradwatch.app.service.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a configuration key means and which values it takes. Stands beside the default on the same method of {@link Settings}, so that one
 * place says all there is to a key: validation, {@code gradwatch config} and {@code docs/configuration.md} read it from there.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Key {

    /** One or two sentences for the reference. */
    String doc();

    /** Smallest value, written like a value of the key; empty: none. */
    String min() default "";

    /** Largest value, written like a value of the key; empty: none. */
    String max() default "";

    /** What the whole text must match; empty: anything that is not blank. */
    String pattern() default "";

    /** What {@link #pattern} demands, in words. */
    String patternDoc() default "";

    /** Whether the value is never shown. */
    boolean secret() default false;
}
