def test_it_imports() -> None:
    import gradwatch

    assert gradwatch.__version__
