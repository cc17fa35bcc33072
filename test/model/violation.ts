/** A property does not hold. */
export class Violation extends Error {
  readonly property: string;

  constructor(property: string) {
    super(property);
    this.property = property;
  }
}
